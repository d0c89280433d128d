using System.Buffers.Text;
using System.Text;
using Im.Client;
using Im.Client.Accounts;
using Microsoft.Extensions.Time.Testing;

namespace Im.UnitTests.Client.Accounts;

/// <summary>What a client takes from a token, and when it asks for the next one.</summary>
public sealed class AccountTests
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddDays(20_000));

    [Theory]
    [InlineData("""{"id":9,"exp":1767225600}""", 9)]
    [InlineData("""{"id":"9007199254740991","exp":1767225600.5,"more":[1]}""", 9_007_199_254_740_991)]
    public void User_and_end_are_read_from_the_token(string claims, long user)
    {
        var account = Account.FromToken(Jwt(claims));

        Assert.Equal((user, 1_767_225_600), (account.UserId, account.ExpiresAt.ToUnixTimeSeconds()));
        Assert.DoesNotContain(account.Token, account.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"id":0,"exp":1767225600}""")]
    [InlineData("""{"id":9.5,"exp":1767225600}""")]
    [InlineData("""{"id":"9","exp":"soon"}""")]
    [InlineData("""{"id":9007199254740992,"exp":1767225600}""")]
    [InlineData("""{"id":9}""")]
    [InlineData("""{"exp":1767225600}""")]
    [InlineData("""{"id":9,"exp":1e300}""")]
    [InlineData("[]")]
    [InlineData("")]
    public void What_is_no_token_is_refused_and_not_quoted(string claims)
    {
        var token = Jwt(claims);

        Assert.DoesNotContain(token, Assert.Throws<FormatException>(() => Account.FromToken(token)).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.b")]
    [InlineData("a\r\nb.e30.c")]
    public void What_cannot_stand_in_a_header_is_refused(string token) => Assert.Throws<FormatException>(() => Account.FromToken(token));

    [Fact]
    public async Task A_token_is_renewed_once_when_four_fifths_of_its_life_are_over_however_many_ask()
    {
        var asked = 0;
        using var keeper = Keeper(_ =>
        {
            asked++;
            return Task.FromResult(Jwt($$"""{"id":9,"exp":{{_clock.GetUtcNow().AddHours(1).ToUnixTimeSeconds()}}}"""));
        });
        var first = keeper.Held;

        _clock.Advance(TimeSpan.FromMinutes(47));
        Assert.Same(first, await keeper.GetAsync(TestContext.Current.CancellationToken));
        _clock.Advance(TimeSpan.FromMinutes(2));
        var all = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => keeper.RenewAsync(first, TestContext.Current.CancellationToken)));

        Assert.Equal(1, asked);
        Assert.NotSame(first, Assert.Single(all.Distinct()));
    }

    [Theory]
    [InlineData(10, 1)]
    [InlineData(9, -1)]
    public async Task A_token_of_another_user_or_of_the_past_is_not_taken(long user, int hours)
    {
        using var keeper = Keeper(_ => Task.FromResult(Jwt($$"""{"id":{{user}},"exp":{{_clock.GetUtcNow().AddHours(hours).ToUnixTimeSeconds()}}}""")));

        var error = await Assert.ThrowsAsync<ImException>(() => keeper.RenewAsync(keeper.Held, TestContext.Current.CancellationToken));

        Assert.Equal(ImErrorKind.Unauthenticated, error.Kind);
    }

    [Fact]
    public async Task What_is_no_token_is_not_taken_and_a_function_that_fails_says_nothing_about_the_token()
    {
        using var none = Keeper(_ => Task.FromResult("no token"));
        using var away = Keeper(_ => throw new HttpRequestException("not now"));
        using var own = Keeper(_ => throw new ImException(ImErrorKind.RateLimited, "Wait."));

        var kinds = new List<ImErrorKind>();
        foreach (var keeper in new[] { none, away, own })
        {
            kinds.Add((await Assert.ThrowsAsync<ImException>(() => keeper.RenewAsync(keeper.Held, TestContext.Current.CancellationToken))).Kind);
        }

        Assert.Equal([ImErrorKind.Unauthenticated, ImErrorKind.ServerUnavailable, ImErrorKind.RateLimited], kinds);
    }

    [Fact]
    public async Task While_no_fresh_token_is_to_be_had_the_present_one_is_used()
    {
        using var keeper = Keeper(_ => throw new InvalidOperationException("not now"));
        _clock.Advance(TimeSpan.FromMinutes(50));

        Assert.Same(keeper.Held, await keeper.GetAsync(TestContext.Current.CancellationToken));
    }

    private static string Jwt(string claims) => $"e30.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.c2ln";

    private TokenKeeper Keeper(Func<CancellationToken, Task<string>> refresh) => new(
        new Account(9, "token", _clock.GetUtcNow().AddHours(1)),
        new ImClientOptions { Server = new Uri("http://im.test"), RefreshToken = refresh, TimeProvider = _clock });
}
