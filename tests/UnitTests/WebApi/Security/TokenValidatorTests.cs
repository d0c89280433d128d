using Im.Application.Accounts;
using Im.Domain;
using Im.Infrastructure.Accounts;
using Im.WebApi.Security;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Im.UnitTests.WebApi.Security;

public sealed class TokenValidatorTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Now);
    private readonly JwtOptions _options = new() { SigningKey = new string('k', 32) };

    [Fact]
    public async Task A_token_that_the_node_issued_is_valid_until_it_expires_and_thirty_seconds_more()
    {
        var user = UserId.Of(9).Value;
        var issued = new JwtIssuer(_options, _time).Issue(user, "ann");
        var validator = new TokenValidator(_options, _time);

        Assert.Equal(new ValidatedToken(user, Now.AddHours(1), Now), await validator.ValidateAsync(issued.Token));
        Assert.Equal(Now.AddHours(1), issued.ExpiresAt);
        _time.Advance(TimeSpan.FromSeconds(3629));
        Assert.NotNull(await validator.ValidateAsync(issued.Token));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await validator.ValidateAsync(issued.Token));
    }

    [Fact]
    public async Task A_token_says_to_the_millisecond_when_it_was_issued_and_is_later_than_what_it_must_be_later_than()
    {
        var issuer = new JwtIssuer(_options, _time);
        var validator = new TokenValidator(_options, _time);
        _time.Advance(TimeSpan.FromMilliseconds(123));

        Assert.Equal(Now.AddMilliseconds(123), (await validator.ValidateAsync(issuer.Issue(UserId.Of(9).Value, "ann").Token))!.IssuedAt);
        Assert.Equal(Now.AddMilliseconds(457), (await validator.ValidateAsync(issuer.Issue(UserId.Of(9).Value, "ann", Now.AddMilliseconds(456)).Token))!.IssuedAt);
        Assert.Equal(DateTimeOffset.MinValue, (await validator.ValidateAsync(Sign("""{"id":9,"exp":1893460000}""", SecurityAlgorithms.HmacSha256)))!.IssuedAt);
    }

    [Theory]
    [InlineData("""{"id":9,"exp":1893460000}""", 9L)]
    [InlineData("""{"id":"9","exp":1893460000}""", 9L)]
    [InlineData("""{"id":9007199254740991,"exp":1893460000}""", 9007199254740991L)]
    [InlineData("""{"id":9,"exp":253402300799}""", 9L)]
    [InlineData("""{"id":9}""", null)]
    [InlineData("""{"exp":1893460000}""", null)]
    [InlineData("""{"id":9,"exp":1893460000,"nbf":1893459999}""", null)]
    [InlineData("""{"id":0,"exp":1893460000}""", null)]
    [InlineData("""{"id":-9,"exp":1893460000}""", null)]
    [InlineData("""{"id":"09","exp":1893460000}""", null)]
    [InlineData("""{"id":" 9","exp":1893460000}""", null)]
    [InlineData("""{"id":9.0,"exp":1893460000}""", null)]
    [InlineData("""{"id":[9],"exp":1893460000}""", null)]
    [InlineData("""{"id":9007199254740992,"exp":1893460000}""", null)]
    [InlineData("""{"id":true,"exp":1893460000}""", null)]
    public async Task The_user_is_the_integer_of_the_claim_and_nothing_else(string payload, long? user)
    {
        var token = await new TokenValidator(_options, _time).ValidateAsync(Sign(payload, SecurityAlgorithms.HmacSha256));

        Assert.Equal(user, token?.User.Number);
        _ = token?.ExpiresAt + TokenValidator.ClockSkew; // Overflows for no token, however long it is good.
    }

    [Fact]
    public async Task Another_algorithm_key_issuer_or_audience_is_refused()
    {
        const string payload = """{"id":9,"exp":1893460000}""";
        var good = Sign(payload, SecurityAlgorithms.HmacSha256);
        _options.Audience = "im";
        var strict = new TokenValidator(_options, _time);
        _options.Audience = null;
        var validator = new TokenValidator(_options, _time);

        Assert.NotNull(await validator.ValidateAsync(good));
        Assert.Null(await strict.ValidateAsync(good));
        Assert.Null(await validator.ValidateAsync(Sign(payload, SecurityAlgorithms.HmacSha512)));
        Assert.Null(await validator.ValidateAsync("eyJhbGciOiJub25lIn0." + good.Split('.')[1] + "."));
        Assert.Null(await validator.ValidateAsync(good + "x"));
        Assert.Null(await validator.ValidateAsync("junk"));
        Assert.Null(await validator.ValidateAsync(""));
    }

    private static string Sign(string payload, string algorithm)
    {
        var key = new SymmetricSecurityKey(System.Text.Encoding.UTF8.GetBytes(new string('k', algorithm == SecurityAlgorithms.HmacSha256 ? 32 : 64)));
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(payload, new SigningCredentials(key, algorithm));
    }
}
