using Im.Infrastructure.Redis;
using Im.WebApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Im.IntegrationTests.Harness;

/// <summary>A whole node in this process, on a loopback port of its own: real Kestrel, real sockets, a real store.</summary>
/// <remarks>
/// On a store that no test stops or slows down (the embedded one, or one that all tests share) it waits longer for the store
/// than a deployed node does: there a late answer comes of a busy machine, and a refusal of the store would be by chance.
/// </remarks>
public sealed class TestNode : IAsyncDisposable
{
    /// <summary>More than the store's client library waits by itself, which is five seconds.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly WebApplication _app;
    private readonly string _folder;

    private TestNode(WebApplication app, string folder, LogCapture logs)
    {
        _app = app;
        _folder = folder;
        Logs = logs;
        BaseAddress = new Uri(app.Urls.Single());
        Http = new HttpClient { BaseAddress = BaseAddress };
        Rest = new RestClient(Http);
    }

    public Uri BaseAddress { get; }

    /// <summary>The node's own services: a test of the store takes its ports from here.</summary>
    public IServiceProvider Services => _app.Services;

    public HttpClient Http { get; }

    public RestClient Rest { get; }

    public LogCapture Logs { get; }

    /// <summary>Starts a node.</summary>
    /// <param name="redis">The store's connection string; null for the embedded one.</param>
    /// <param name="args">Further settings, as on the command line (<c>--Messaging:SendTimeout=00:00:01</c>); they win over the tests' own.</param>
    public static Task<TestNode> StartAsync(string? redis, params string[] args) => StartAsync(redis, _ => { }, args);

    /// <summary>Starts a node in which some services are the test's own.</summary>
    public static async Task<TestNode> StartAsync(string? redis, Action<IServiceCollection> replace, params string[] args)
    {
        var folder = Directory.CreateTempSubdirectory("im-node-").FullName;
        var logs = new LogCapture();
        List<string> settings =
        [
            "--Urls=http://127.0.0.1:0",
            "--environment=Production",
            $"--contentRoot={AppContext.BaseDirectory}",
            $"--Jwt:SigningKey={Tokens.SigningKey}",
            $"--Accounts:Database={Path.Combine(folder, "accounts.db")}",
            .. redis is null ? Array.Empty<string>() : [$"--Redis:ConnectionString={redis}"],
            .. args,
        ];
        var app = Node.Build([.. settings], builder =>
        {
            builder.Logging.ClearProviders().AddProvider(logs).AddFilter<LogCapture>(null, LogLevel.Trace);
            if (redis is null || SharedRedis.IsShared(redis))
            {
                builder.Services.AddSingleton(services =>
                {
                    var connection = ActivatorUtilities.CreateInstance<RedisConnection>(services);
                    connection.Grace = Grace;
                    return connection;
                });
            }

            replace(builder.Services);
        });
        try
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            Directory.Delete(folder, recursive: true);
            throw;
        }

        return new TestNode(app, folder, logs);
    }

    /// <summary>A token for this user, good on every test node.</summary>
    public static string Mint(long user, TimeSpan? expiresIn = null) => Tokens.Mint(user, expiresIn);

    /// <summary>Drains and stops it, as SIGTERM does.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _app.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
