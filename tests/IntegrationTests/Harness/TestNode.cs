using Im.Infrastructure.Accounts;
using Im.Infrastructure.Redis;
using Im.WebApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Im.IntegrationTests.Harness;

/// <summary>A whole node in this process, on a loopback port of its own: real Kestrel, real sockets, a real store.</summary>
public sealed class TestNode : IAsyncDisposable
{
    private static long _lastAccount = 5_000_000_000;

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

    /// <summary>
    /// Starts a node. It waits for a store of the test's own as long as any node does, for tests of a store that is away; for
    /// the embedded one and for the shared ones, which nobody takes away or slows down, it is patient.
    /// </summary>
    /// <param name="redis">The store's connection string; null for the embedded one.</param>
    /// <param name="args">Further settings, as on the command line (<c>--Messaging:SendTimeout=00:00:01</c>); they win over the tests' own.</param>
    public static Task<TestNode> StartAsync(string? redis, params string[] args) => StartAsync(redis, _ => { }, args);

    /// <summary>Starts a node on a store that is well: however busy the machine is, the node does not take it for one that is away.</summary>
    public static Task<TestNode> StartPatientAsync(string? redis, params string[] args) => StartAsync(redis, BePatient, args);

    /// <summary>What a node is started with that waits for its store almost as long as tests wait for the node.</summary>
    public static void BePatient(IServiceCollection services) =>
        services.AddSingleton(new StoreDeadlines { Call = Eventually.Deadline * 2 / 3, Count = Eventually.Deadline * 2 / 3 });

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
                BePatient(builder.Services);
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

        if (redis is not null && File.Exists(Path.Combine(folder, "accounts.db")))
        {
            await CountAccountsApartAsync(app);
        }

        return new TestNode(app, folder, logs);
    }

    /// <summary>
    /// Accounts of nodes that share a store, but no file of accounts, have different ids here: else one test's first account
    /// would be another one's, and have its sessions and its revocations.
    /// </summary>
    private static async Task CountAccountsApartAsync(WebApplication app)
    {
        await using var connection = await app.Services.GetRequiredService<AccountFile>().OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO sqlite_sequence (name, seq) VALUES ('accounts', $last)";
        command.Parameters.AddWithValue("$last", Interlocked.Add(ref _lastAccount, 10_000));
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
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
