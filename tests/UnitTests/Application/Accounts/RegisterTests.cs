using Im.Application.Accounts;
using Im.Domain;
using NSubstitute;

namespace Im.UnitTests.Application.Accounts;

public sealed class RegisterTests
{
    private static readonly Register Ann = new("ann", "ann@example.org", "long enough");
    private static readonly IssuedToken Token = new("token", DateTimeOffset.UnixEpoch);

    private readonly IAccountRepository _accounts = Substitute.For<IAccountRepository>();
    private readonly IPasswordHasher _hasher = Substitute.For<IPasswordHasher>();
    private readonly ITokenIssuer _tokens = Substitute.For<ITokenIssuer>();
    private readonly AccountOptions _options = new();

    public RegisterTests() => _hasher.Hash("long enough").Returns("hash");

    [Fact]
    public async Task A_new_account_gets_its_token_and_keeps_only_the_hash()
    {
        var user = UserId.Of(9).Value;
        _accounts.AddAsync("ann", "ann@example.org", "hash", Arg.Any<CancellationToken>()).Returns(user);
        _tokens.Issue(user, "ann").Returns(Token);

        Assert.Equal(new SignedIn(user, Token), (await RegisterAsync()).Value);
    }

    [Fact]
    public async Task A_name_in_use_is_refused()
    {
        _accounts.AddAsync("ann", "ann@example.org", "hash", Arg.Any<CancellationToken>()).Returns(Errors.NameTaken);

        Assert.Equal(Errors.NameTaken, (await RegisterAsync()).Error);
    }

    [Fact]
    public async Task Closed_registration_refuses_without_hashing()
    {
        _options.OpenRegistration = false;

        Assert.Equal(Errors.RegistrationClosed, (await RegisterAsync()).Error);
        _hasher.DidNotReceiveWithAnyArgs().Hash(default!);
    }

    [Theory]
    [InlineData("ann", "a@b", "12345678", "")]
    [InlineData(null, null, null, "Username Email Password")]
    [InlineData(" ann", "a@b", "12345678", "Username")]
    [InlineData("a\u0007n", "a@b", "12345678", "Username")]
    [InlineData("ann", "a", "12345678", "Email")]
    [InlineData("ann", "@b", "12345678", "Email")]
    [InlineData("ann", "a@", "12345678", "Email")]
    [InlineData("ann", "a@b@c", "12345678", "Email")]
    [InlineData("ann", "a b@c", "12345678", "Email")]
    [InlineData("ann", "a@b", "1234567", "Password")]
    public void Every_faulty_field_is_reported(string? username, string? email, string? password, string fields) =>
        Assert.Equal(fields, string.Join(' ', new RegisterValidator().Validate(new Register(username, email, password)).Errors.Select(fault => fault.PropertyName)));

    [Theory]
    [InlineData(64, 254, 256, true)]
    [InlineData(65, 254, 256, false)]
    [InlineData(64, 255, 256, false)]
    [InlineData(64, 254, 257, false)]
    public void Every_field_has_an_upper_bound(int username, int email, int password, bool good) =>
        Assert.Equal(good, new RegisterValidator().Validate(new Register(new('u', username), "a@" + new string('b', email - 2), new('p', password))).IsValid);

    private Task<Result<SignedIn>> RegisterAsync() =>
        new RegisterHandler(_accounts, _hasher, _tokens, _options).Handle(Ann, TestContext.Current.CancellationToken);
}
