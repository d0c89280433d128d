using Im.Application.Accounts;
using Im.Domain;
using NSubstitute;

namespace Im.UnitTests.Application.Accounts;

public sealed class LogInTests
{
    private static readonly Account Ann = new(UserId.Of(9).Value, "ann", "ann@example.org", "hash");
    private static readonly IssuedToken Token = new("token", DateTimeOffset.UnixEpoch);

    private readonly IAccountRepository _accounts = Substitute.For<IAccountRepository>();
    private readonly IPasswordHasher _hasher = Substitute.For<IPasswordHasher>();
    private readonly ITokenIssuer _tokens = Substitute.For<ITokenIssuer>();
    private readonly IRevocations _revocations = Substitute.For<IRevocations>();

    public LogInTests()
    {
        _accounts.FindByUsernameAsync("ann", Arg.Any<CancellationToken>()).Returns(Ann);
        _accounts.FindByEmailAsync("ann@example.org", Arg.Any<CancellationToken>()).Returns(Ann);
        _hasher.Check("hash", "right").Returns(PasswordCheck.Right);
        _tokens.Issue(Ann.Id, "ann").Returns(Token);
        _revocations.FindAsync(default!, default).ReturnsForAnyArgs(Array.Empty<Revocation>());
    }

    [Theory]
    [InlineData("ann", null)]
    [InlineData("ann", "someone@example.org")]
    [InlineData("", "ann@example.org")]
    [InlineData(null, "ann@example.org")]
    public async Task Login_goes_by_the_username_if_it_is_not_empty_else_by_the_email(string? username, string? email)
    {
        var result = await LogInAsync(new LogIn(username, email, "right"));

        Assert.Equal(new SignedIn(Ann.Id, Token), result.Value);
    }

    [Theory]
    [InlineData("ann")]
    [InlineData("nobody")]
    public async Task A_wrong_password_and_an_unknown_name_get_one_answer_after_one_check(string username)
    {
        var result = await LogInAsync(new LogIn(username, null, "wrong"));

        Assert.Equal(Errors.WrongCredentials, result.Error);
        _hasher.Received(1).Check(username == "ann" ? "hash" : null, "wrong");
    }

    [Fact]
    public async Task A_token_is_issued_later_than_what_was_revoked()
    {
        var until = DateTimeOffset.UnixEpoch.AddYears(60);
        _revocations.FindAsync(default!, default).ReturnsForAnyArgs(new[] { new Revocation(Ann.Id, until) });
        var later = new IssuedToken("later", until);
        _tokens.Issue(Ann.Id, "ann", until).Returns(later);

        Assert.Equal(later, (await LogInAsync(new LogIn("ann", null, "right"))).Value.Token);
    }

    [Fact]
    public async Task A_hash_of_the_old_way_is_replaced()
    {
        _hasher.Check("hash", "right").Returns(PasswordCheck.RightButOutdated);
        _hasher.Hash("right").Returns("newer");

        Assert.True((await LogInAsync(new LogIn("ann", null, "right"))).IsOk);

        await _accounts.Received(1).ReplaceHashAsync(Ann.Id, "newer", Arg.Any<CancellationToken>());
    }

    [Theory]
    [InlineData(null, null, "p", "Username")]
    [InlineData("", "", "p", "Username")]
    [InlineData("ann", null, null, "Password")]
    [InlineData("ann", null, "", "Password")]
    public void A_login_needs_a_name_and_a_password(string? username, string? email, string? password, string field) =>
        Assert.Equal([field], new LogInValidator().Validate(new LogIn(username, email, password)).Errors.Select(fault => fault.PropertyName));

    [Fact]
    public void The_command_prints_no_password() => Assert.DoesNotContain("right", new LogIn("ann", null, "right").ToString(), StringComparison.Ordinal);

    private Task<Result<SignedIn>> LogInAsync(LogIn command) =>
        new LogInHandler(_accounts, _hasher, _tokens, _revocations).Handle(command, TestContext.Current.CancellationToken);
}
