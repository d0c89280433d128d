using System.Net;
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
}
