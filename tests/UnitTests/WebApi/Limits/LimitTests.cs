using System.Net;
using Im.Domain;
using Im.WebApi.Limits;

namespace Im.UnitTests.WebApi.Limits;

public sealed class LimitTests
{
    private static readonly IPAddress Home = IPAddress.Parse("192.0.2.1"), Elsewhere = IPAddress.Parse("192.0.2.2");

    [Fact]
    public void Logins_are_counted_per_address_and_name()
    {
        using var limit = new LoginLimit(new LimitsOptions { LoginsPerMinute = 2 });

        Assert.Null(limit.Count(Home, "ann"));
        Assert.Null(limit.Count(Home.MapToIPv6(), "ANN"));
        Assert.InRange(limit.Count(Home, "ann")!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Assert.Null(limit.Count(Home, "bob"));
        Assert.Null(limit.Count(Elsewhere, "ann"));
    }

    [Fact]
    public void An_address_has_ten_times_the_number_for_all_names_together()
    {
        using var limit = new LoginLimit(new LimitsOptions { LoginsPerMinute = 1 });

        Assert.All(Enumerable.Range(0, 10), name => Assert.Null(limit.Count(Home, $"{name}")));
        Assert.NotNull(limit.Count(Home, "another"));
    }

    [Fact]
    public void The_addresses_of_one_household_count_as_one()
    {
        using var limit = new LoginLimit(new LimitsOptions { LoginsPerMinute = 1 });

        Assert.Null(limit.Count(IPAddress.Parse("2001:db8:0:1::1"), "ann"));
        Assert.NotNull(limit.Count(IPAddress.Parse("2001:db8:0:1::2"), "ann"));
        Assert.Null(limit.Count(IPAddress.Parse("2001:db8:0:2::1"), "ann"));
    }

    [Fact]
    public void Names_longer_than_any_account_has_count_as_one_so_that_none_of_them_is_remembered()
    {
        using var limit = new LoginLimit(new LimitsOptions { LoginsPerMinute = 1 });

        Assert.Null(limit.Count(Home, new string('a', 255)));
        Assert.NotNull(limit.Count(Home, new string('b', 16_000)));
        Assert.Null(limit.Count(Home, new string('c', 254)));
        Assert.Null(limit.Count(Home, new string('d', 254)));
    }

    [Fact]
    public void Only_openings_use_up_the_limit_of_openings()
    {
        var ann = UserId.Of(9).Value;
        using var limit = new OpeningLimit(new LimitsOptions { OpeningsPerMinute = 1 });

        Assert.True(limit.Allows(ann));
        Assert.True(limit.Allows(ann));
        limit.Count(ann);
        Assert.False(limit.Allows(ann));
        Assert.True(limit.Allows(UserId.Of(10).Value));
    }

    [Fact]
    public void Zero_is_no_limit()
    {
        using var limit = new OpeningLimit(new LimitsOptions { OpeningsPerMinute = 0 });

        Assert.All(Enumerable.Range(0, 1000), _ => limit.Count(UserId.Of(9).Value));
        Assert.True(limit.Allows(UserId.Of(9).Value));
    }
}
