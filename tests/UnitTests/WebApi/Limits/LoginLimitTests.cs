using System.Net;
using Im.WebApi.Limits;
using Microsoft.Extensions.Time.Testing;

namespace Im.UnitTests.WebApi.Limits;

public sealed class LoginLimitTests
{
    private static readonly IPAddress Home = IPAddress.Parse("192.0.2.1"), Elsewhere = IPAddress.Parse("192.0.2.2");

    private readonly FakeTimeProvider _clock = new();
    private readonly CountingStore _store;

    public LoginLimitTests() => _store = new CountingStore(_clock);

    [Fact]
    public async Task Logins_are_counted_per_address_and_name()
    {
        using var limit = Limit(2);

        Assert.Null(await TakeAsync(limit, Home, "ann"));
        Assert.Null(await TakeAsync(limit, Home.MapToIPv6(), "ANN"));
        Assert.InRange((await TakeAsync(limit, Home, "ann"))!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Assert.Null(await TakeAsync(limit, Home, "bob"));
        Assert.Null(await TakeAsync(limit, Elsewhere, "ann"));
    }

    [Fact]
    public async Task An_address_has_ten_times_the_number_for_all_names_together()
    {
        using var limit = Limit(1);

        for (var name = 0; name < 10; name++)
        {
            Assert.Null(await TakeAsync(limit, Home, $"{name}"));
        }

        Assert.NotNull(await TakeAsync(limit, Home, "another"));
    }

    [Fact]
    public async Task Whoever_hammers_one_name_uses_up_nothing_of_the_others_at_that_address()
    {
        using var limit = Limit(1);
        Assert.Null(await TakeAsync(limit, Home, "ann"));

        for (var more = 0; more < 100; more++)
        {
            Assert.Equal(TimeSpan.FromMinutes(1), await TakeAsync(limit, Home, "ann"));
        }

        Assert.Null(await TakeAsync(limit, Home, "bob"));
    }

    [Fact]
    public async Task The_addresses_of_one_household_count_as_one()
    {
        using var limit = Limit(1);

        Assert.Null(await TakeAsync(limit, IPAddress.Parse("2001:db8:0:1::1"), "ann"));
        Assert.NotNull(await TakeAsync(limit, IPAddress.Parse("2001:db8:0:1::2"), "ann"));
        Assert.Null(await TakeAsync(limit, IPAddress.Parse("2001:db8:0:2::1"), "ann"));
    }

    [Fact]
    public async Task Names_longer_than_any_account_has_count_as_one_so_that_none_of_them_is_remembered()
    {
        using var limit = Limit(1);

        Assert.Null(await TakeAsync(limit, Home, new string('a', 255)));
        Assert.NotNull(await TakeAsync(limit, Home, new string('b', 16_000)));
        Assert.Null(await TakeAsync(limit, Home, new string('c', 254)));
        Assert.Null(await TakeAsync(limit, Home, new string('d', 254)));
    }

    [Fact]
    public async Task Two_nodes_count_together()
    {
        using var one = Limit(2);
        using var other = Limit(2);

        Assert.Null(await TakeAsync(one, Home, "ann"));
        Assert.Null(await TakeAsync(other, Home, "ann"));
        Assert.NotNull(await TakeAsync(one, Home, "ann"));
        Assert.NotNull(await TakeAsync(other, Home, "ann"));
    }

    private static ValueTask<TimeSpan?> TakeAsync(LoginLimit limit, IPAddress from, string name) => limit.TakeAsync(from, name, TestContext.Current.CancellationToken);

    private LoginLimit Limit(int perMinute) => new(new LimitsOptions { LoginsPerMinute = perMinute }, _store, _clock);
}
