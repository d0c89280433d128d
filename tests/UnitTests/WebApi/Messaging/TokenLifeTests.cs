using Im.Application.Accounts;
using Im.WebApi.Messaging;
using Im.WebApi.Security;
using Microsoft.Extensions.Time.Testing;

namespace Im.UnitTests.WebApi.Messaging;

public sealed class TokenLifeTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _clock = new(Start);
    private int _expired;

    [Fact]
    public void The_connection_ends_thirty_seconds_after_its_token_and_not_before()
    {
        using var life = Until(TimeSpan.FromMinutes(5));

        SweepFor(life, TimeSpan.FromMinutes(5.5) - TimeSpan.FromSeconds(1));
        Assert.Equal(0, _expired);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, _expired);
    }

    [Fact]
    public void The_last_moments_need_no_sweep()
    {
        using var life = Until(Sweep.Interval - TokenValidator.ClockSkew);

        life.Check();
        _clock.Advance(Sweep.Interval);

        Assert.Equal(1, _expired);
    }

    [Fact]
    public void A_connection_ends_once()
    {
        using var life = Until(TimeSpan.Zero);
        _clock.Advance(TimeSpan.FromMinutes(1));

        life.Check();
        life.Check();
        life.Renew(Fresh(TimeSpan.FromSeconds(-60)), turn: 1);

        Assert.Equal(1, _expired);
    }

    [Fact]
    public void A_fresh_token_lets_it_live_until_that_one_expires_even_in_the_last_moment()
    {
        using var life = Until(TimeSpan.FromSeconds(-25));
        life.Check();

        life.Renew(Fresh(TimeSpan.FromMinutes(5)), turn: 1);

        SweepFor(life, TimeSpan.FromMinutes(5.5) - TimeSpan.FromSeconds(1));
        Assert.Equal(0, _expired);
        SweepFor(life, TimeSpan.FromSeconds(1));
        Assert.Equal(1, _expired);
    }

    [Fact]
    public void A_fresh_token_that_expires_earlier_counts_too()
    {
        using var life = Until(TimeSpan.FromHours(1));

        life.Renew(Fresh(TimeSpan.FromSeconds(-25)), turn: 1);
        _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(1, _expired);
    }

    [Fact]
    public void Of_several_fresh_tokens_the_last_that_was_sent_holds_whichever_is_judged_last()
    {
        using var life = Until(TimeSpan.FromSeconds(-25));

        life.Renew(Fresh(TimeSpan.FromHours(1)), turn: 2);
        life.Renew(Fresh(TimeSpan.FromMinutes(-1)), turn: 1);

        Assert.Equal(0, _expired);
    }

    [Fact]
    public void A_connection_that_is_gone_is_not_ended()
    {
        var life = Until(TimeSpan.FromSeconds(-25));
        life.Check();

        life.Dispose();
        _clock.Advance(TimeSpan.FromMinutes(1));
        life.Check();

        Assert.Equal(0, _expired);
    }

    [Fact]
    public void A_revocation_ends_the_connections_whose_present_token_is_not_issued_later()
    {
        using var life = Until(TimeSpan.FromHours(1));
        life.Revoke(new Revocation(Talk.Ann.User, Start.AddMilliseconds(-1)));
        Assert.Equal(0, _expired);

        life.Renew(Fresh(TimeSpan.FromHours(1)) with { IssuedAt = Start.AddSeconds(1) }, turn: 1);
        life.Revoke(new Revocation(Talk.Ann.User, Start));
        Assert.Equal(0, _expired);

        life.Revoke(new Revocation(Talk.Ann.User, Start.AddSeconds(1)));
        life.Revoke(new Revocation(Talk.Ann.User, Start.AddSeconds(1)));
        Assert.Equal(1, _expired);
    }

    private static ValidatedToken Fresh(TimeSpan expiresIn) => new(Talk.Ann.User, Start + expiresIn, Start);

    private TokenLife Until(TimeSpan expiresIn) => new(Fresh(expiresIn), _clock, () => _expired++);

    private void SweepFor(TokenLife life, TimeSpan time)
    {
        life.Check();
        for (; time > Sweep.Interval; time -= Sweep.Interval)
        {
            _clock.Advance(Sweep.Interval);
            life.Check();
        }

        _clock.Advance(time);
    }
}
