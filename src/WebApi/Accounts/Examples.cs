using Im.Domain;
using Im.WebApi.Wire;

namespace Im.WebApi.Accounts;

/// <summary>What the description shows of these routes.</summary>
internal static class Examples
{
    private const string Password = "correct horse battery staple";

    internal static readonly (string Name, AccountRequest Example)[] Registrations =
        [("register", new AccountRequest { Username = "ann", Email = "ann@example.com", Password = Password })];

    internal static readonly (string Name, AccountRequest Example)[] Logins =
    [
        ("by name", new AccountRequest { Username = "ann", Password = Password }),
        ("by email", new AccountRequest { Email = "ann@example.com", Password = Password }),
    ];

    internal static readonly (string Name, SignedInAnswer Example)[] Tokens = [("signed in", new SignedInAnswer("eyJhbGciOi…", 9, 1767225600000))];

    internal static readonly Failure FaultyAccount = Errors.Parameters(new Dictionary<string, string[]> { [nameof(AccountRequest.Password)] = ["A password has 8 to 256 characters."] });
}
