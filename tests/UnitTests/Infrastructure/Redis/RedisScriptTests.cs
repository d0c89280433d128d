using System.Reflection;
using Im.Domain;
using Im.Infrastructure.Redis;
using Im.UnitTests.Domain;
using StackExchange.Redis;

namespace Im.UnitTests.Infrastructure.Redis;

public sealed class RedisScriptTests
{
    [Fact]
    public void Every_script_that_is_embedded_is_one_that_runs()
    {
        var texts = Scripts().Select(script => script.Text).ToList();
        var embedded = typeof(RedisScript).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".lua", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(embedded);
        Assert.All(embedded, name => Assert.Contains(texts, text => text.Contains($"-- {name[..^4]}:", StringComparison.Ordinal)));
        Assert.Distinct(texts);
    }

    [Fact]
    public void Every_script_says_its_keys_result_and_cost() => Assert.All(Scripts(), script =>
        Assert.All(["-- KEYS:", "-- Returns", "Cost:"], part => Assert.Contains(part, script.Text, StringComparison.Ordinal)));

    [Fact]
    public void A_script_that_looks_at_an_epoch_has_the_fence_in_front() => Assert.All(
        Scripts().Where(script => script.Text.Contains("refusal(", StringComparison.Ordinal)),
        script => Assert.StartsWith("-- connection:", script.Text, StringComparison.Ordinal));

    [Fact]
    public void All_names_of_a_pair_share_one_hash_tag()
    {
        var (lower, higher) = (Some.User(9), Some.User(10));
        foreach (var pair in new[] { PairKey.Of(lower, higher).Value, PairKey.Of(higher, lower).Value })
        {
            string[] names =
            [
                RedisKeys.Of(pair).Handshake!, RedisKeys.Of(pair).Session!, RedisKeys.Of(pair).Queue(lower)!, RedisKeys.Of(pair).Queue(higher)!,
                RedisKeys.Channel(pair, lower), RedisKeys.Channel(pair, higher),
            ];

            Assert.All(names, name => Assert.StartsWith("im:{9_10}:", name, StringComparison.Ordinal));
            Assert.Distinct(names);
        }
    }

    [Fact]
    public void Different_pairs_share_no_name()
    {
        var pairs = new[] { PairKey.Of(Some.User(1), Some.User(123)), PairKey.Of(Some.User(11), Some.User(23)), PairKey.Of(Some.User(1), Some.User(23)) };

        Assert.Distinct(pairs.Select(pair => RedisKeys.Of(pair.Value).Session));
    }

    private static List<RedisScript> Scripts() =>
    [
        .. typeof(RedisScript).GetProperties(BindingFlags.Public | BindingFlags.Static).Select(property => (RedisScript)property.GetValue(null)!),
    ];
}
