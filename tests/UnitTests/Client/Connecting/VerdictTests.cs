using Im.Client;
using Im.Client.Connecting;
using Im.Client.Errors;

namespace Im.UnitTests.Client.Connecting;

/// <summary>The protocol's table of close codes, and of what refuses an upgrade.</summary>
public sealed class VerdictTests
{
    [Theory]
    [InlineData(1001, "Soon", ImErrorKind.ServerUnavailable)]
    [InlineData(1002, "Stop", ImErrorKind.ProtocolViolation)]
    [InlineData(1003, "Stop", ImErrorKind.ProtocolViolation)]
    [InlineData(1007, "Stop", ImErrorKind.ProtocolViolation)]
    [InlineData(1009, "Stop", ImErrorKind.ProtocolViolation)]
    [InlineData(1011, "Later", ImErrorKind.ServerUnavailable)]
    [InlineData(4401, "NewToken", ImErrorKind.Unauthenticated)]
    [InlineData(4403, "Stop", ImErrorKind.SessionEnded)]
    [InlineData(4404, "Stop", ImErrorKind.SessionLost)]
    [InlineData(4408, "Later", ImErrorKind.ServerUnavailable)]
    [InlineData(4409, "Stop", ImErrorKind.TakenOver)]
    [InlineData(4429, "Stop", ImErrorKind.ProtocolViolation)]
    [InlineData(4999, "Later", ImErrorKind.ServerUnavailable)]
    [InlineData(null, "Later", ImErrorKind.ServerUnavailable)]
    public void A_closed_connection_is_followed_by_what_the_table_says(int? code, string next, ImErrorKind kind)
    {
        var verdict = Verdict.Of(new Ending(code));

        Assert.Equal((next, kind, code), ($"{verdict.Next}", verdict.Error.Kind, verdict.Error.Code));
    }

    [Theory]
    [InlineData(40000, "Stop", ImErrorKind.InvalidInput)]
    [InlineData(40100, "NewToken", ImErrorKind.Unauthenticated)]
    [InlineData(40301, "Stop", ImErrorKind.SessionEnded)]
    [InlineData(42600, "Stop", ImErrorKind.ProtocolViolation)]
    [InlineData(42900, "Later", ImErrorKind.RateLimited)]
    [InlineData(50300, "Later", ImErrorKind.ServerUnavailable)]
    public void A_refused_connection_is_followed_by_what_the_code_means(int code, string next, ImErrorKind kind)
    {
        var verdict = Verdict.Of(new Ending(Error: Failures.Of(code), IsRefusal: true));

        Assert.Equal((next, kind), ($"{verdict.Next}", verdict.Error.Kind));
    }
}
