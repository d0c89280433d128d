using System.Diagnostics;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Im.IntegrationTests.Harness;
using StackExchange.Redis;

namespace Im.IntegrationTests.Deploy;

/// <summary>
/// Two published nodes, Redis and nginx with TLS on this machine, made of the files in <c>deploy</c> as the operations page puts
/// them together; only places and ports are others. What systemd would give a node, it gets from the unit's own lines.
/// </summary>
internal sealed class Native : IAsyncDisposable
{
    private readonly string _folder;
    private readonly Process _redis;

    private Native(string folder, Process redis, string store)
    {
        _folder = folder;
        _redis = redis;
        Store = store;
    }

    /// <summary>How the nodes reach the store.</summary>
    public string Store { get; }

    /// <summary>Where the store answers.</summary>
    public string StoreAddress => Store.Split(',')[0];

    public required NodeProcess One { get; init; }

    public required NodeProcess Other { get; init; }

    public required Nginx Nginx { get; init; }

    /// <summary>Where its secrets are.</summary>
    public string Secrets => SecretsIn(_folder);

    /// <summary>Skips the test where something is not installed.</summary>
    public static async Task<Native> StartAsync(PublishedService published, params (string Name, string Value)[] settings)
    {
        Assert.SkipUnless(Nginx.IsInstalled, Nginx.NotInstalled);
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        var folder = Directory.CreateTempSubdirectory("im-deployed-").FullName;
        var (redis, store) = await StartRedisAsync(folder);
        var environment = SystemdUnit.Environment(Path.Combine(folder, "state"), SecretsIn(folder));
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        var one = await NodeProcess.StartPublishedAsync(published.Program, environment);
        var other = await NodeProcess.StartPublishedAsync(published.Program, environment);
        return new Native(folder, redis, store) { One = one, Other = other, Nginx = await Nginx.StartAsync(one.BaseAddress, other.BaseAddress, tls: true) };
    }

    /// <summary>Runs <c>deploy/secrets.sh</c>.</summary>
    public static void MakeSecrets(string folder, string store)
    {
        using var script = Process.Start("sh", [Repository.PathOf("deploy", "secrets.sh"), folder, store, "chat.example"]);
        script.WaitForExit();
        Assert.Equal(0, script.ExitCode);
    }

    /// <summary>A handler that trusts the proxy's certificate, and checks name and dates like any other.</summary>
    public SocketsHttpHandler Trusting() => new()
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { Nginx.Certificate },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        },
    };

    /// <summary>Ends Redis as a crash does.</summary>
    public Task KillStoreAsync() => Executable.EndAsync(_redis);

    public async ValueTask DisposeAsync()
    {
        await Nginx.DisposeAsync();
        await One.DisposeAsync();
        await Other.DisposeAsync();
        await Executable.EndAsync(_redis);
        _redis.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string SecretsIn(string folder) => Path.Combine(folder, "secrets");

    private static async Task<(Process Process, string Store)> StartRedisAsync(string folder)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort.Find();
            MakeSecrets(SecretsIn(folder), $"127.0.0.1:{port}");
            var process = Executable.Launch("redis-server",
                [Repository.PathOf("deploy", "redis.conf"), "--port", $"{port}", "--aclfile", Path.Combine(SecretsIn(folder), "redis.acl"), "--dir", folder]);
            var store = (await File.ReadAllTextAsync(Path.Combine(SecretsIn(folder), "Redis__ConnectionString"))).Trim();
            if (await AnswersAsync(process, store))
            {
                return (process, store);
            }

            await Executable.EndAsync(process);
            Directory.Delete(SecretsIn(folder), recursive: true);
            Assert.True(attempt < 3, "redis-server did not start.");
        }
    }

    /// <summary>The password is known to nobody else, so who takes it is the one that was started.</summary>
    private static async Task<bool> AnswersAsync(Process process, string store)
    {
        var until = DateTime.UtcNow + Eventually.Deadline;
        while (DateTime.UtcNow < until && !process.HasExited)
        {
            try
            {
                await using var connection = await ConnectionMultiplexer.ConnectAsync(store);
                return true;
            }
            catch (Exception busy) when (busy is RedisException or TimeoutException)
            {
                await Task.Delay(20);
            }
        }

        return false;
    }
}
