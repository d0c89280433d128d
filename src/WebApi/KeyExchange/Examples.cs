using Im.Domain;
using Im.WebApi.Wire;

namespace Im.WebApi.KeyExchange;

/// <summary>What the description shows of these routes: users 9 and 10, as in <c>docs/protocol.md</c>.</summary>
internal static class Examples
{
    private const string Session = Description.Parameters.Session;
    private const string Key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private const string AnnsKey = "BAIX5hfwtkQ5KCePlpmeaaI6TywVK99tbN9m5bgCgtTtGUp968uXcS0t2jyoWqh2Wlb0X8dYWZZS8ol8ZTBuV5Q";
    private const string BobsKey = "BNZak5d8qj0bCBhS_1ennkZfFmBXcwS66tUF3TpIWJzzUBheiVNy32Ih6joTdVfkc_3bZ1XwW9UHw8Uz_OnJEoU";

    internal static readonly (string Name, KeyRequest Example)[] Requests =
    [
        ("server key", new KeyRequest { ToUserId = 10 }),
        ("server key, held back until the other side calls", new KeyRequest { ToUserId = 10, WaitSeconds = 30 }),
        ("public keys", new KeyRequest { ToUserId = 10, PublicKey = AnnsKey }),
    ];

    internal static readonly (string Name, KeyAnswer Example)[] Keys =
    [
        ("server key, one side called", new KeyAnswer(Key, 9, 10, Session, 0, 300, null, null)),
        ("server key, both called", new KeyAnswer(Key, 9, 10, Session, 1, 60, null, null)),
        ("public keys, one side called", new KeyAnswer(null, 9, 10, Session, 0, 300, AnnsKey, null)),
        ("public keys, both called", new KeyAnswer(null, 9, 10, Session, 1, 60, AnnsKey, BobsKey)),
    ];

    internal static readonly (string Name, SessionAnswer Example)[] Sessions = [("present", new SessionAnswer(Session, 287))];

    internal static readonly Failure FaultyRequest = Errors.Parameters(new Dictionary<string, string[]>
    {
        [nameof(KeyRequest.ToUserId)] = ["The field is required."],
        [nameof(KeyRequest.WaitSeconds)] = ["The wait is 0 to 30 seconds."],
    });

    internal static readonly Failure FaultyAddress = Errors.Parameters(new Dictionary<string, string[]> { [nameof(KeyRequest.ToUserId)] = ["The field is an integer."] });
}
