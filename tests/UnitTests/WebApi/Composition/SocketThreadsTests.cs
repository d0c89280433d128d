using Im.WebApi.Composition;
using Microsoft.Extensions.Configuration;

namespace Im.UnitTests.WebApi.Composition;

public sealed class SocketThreadsTests : IDisposable
{
    private const string Inline = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    private readonly string? _before = Environment.GetEnvironmentVariable(Inline);

    [Theory]
    [InlineData("127.0.0.1:6379", null, "1")]
    [InlineData("127.0.0.1:6379", "0", "0")]
    [InlineData(null, null, null)]
    [InlineData(null, "1", "1")]
    public void What_waited_for_a_socket_goes_on_where_it_is_watched_with_a_store_outside_unless_the_operator_says_otherwise(string? store, string? set, string? expected)
    {
        Environment.SetEnvironmentVariable(Inline, set);

        SocketThreads.GoOnWhereTheyAreWatched(
            new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("Redis:ConnectionString", store)]).Build());

        Assert.Equal(expected, Environment.GetEnvironmentVariable(Inline));
    }

    public void Dispose() => Environment.SetEnvironmentVariable(Inline, _before);
}
