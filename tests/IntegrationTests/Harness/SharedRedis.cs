using Im.IntegrationTests.Harness;

[assembly: AssemblyFixture(typeof(SharedRedis))]

namespace Im.IntegrationTests.Harness;

/// <summary>The one redis-server that all tests share which do not harm it.</summary>
public sealed class SharedRedis : IAsyncLifetime
{
    private RedisServer? _server;

    /// <summary>The server. Asking skips the test where none is installed.</summary>
    public RedisServer Server
    {
        get
        {
            Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
            return _server!;
        }
    }

    public async ValueTask InitializeAsync() => _server = RedisServer.IsInstalled ? await RedisServer.StartAsync() : null;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
