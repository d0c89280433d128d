using System.Globalization;
using System.Runtime.InteropServices;
using Im.Load.Clients;

namespace Im.Load.Servers;

/// <summary>How each kind of server is started, with its own defaults but for what the load requires.</summary>
internal static class Launch
{
    private const int Slots = 16384;

    // The runtime that runs this, wherever it is installed.
    private static readonly string s_dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    /// <summary>A node of the service; what the caller gives of the environment wins.</summary>
    internal static Server Im(string name, string folder, string published, string? redis, IReadOnlyDictionary<string, string> environment) => DotNet(
        name,
        folder,
        Path.Combine(published, "Im.WebApi.dll"),
        [],
        new(Settings(redis))
        {
            ["Accounts__Database"] = Path.Combine(folder, "accounts.db"),
            ["Limits__FramesPerSecond"] = "0",
            ["Limits__RequestsPerMinute"] = "0",
            ["Limits__OpeningsPerMinute"] = "0",
            ["Limits__ConnectionsPerSecond"] = "0",
            ["Limits__ConnectionsPerUser"] = "0",
            ["Limits__MaxHttpConnections"] = "1000000",
        },
        environment);

    internal static Server Peer(string name, string folder, string published, Kind kind, string? redis) =>
        DotNet(name, folder, Path.Combine(published, "Im.Peers.dll"), [kind == Kind.SignalR ? "signalr" : "bare"], Settings(redis), new Dictionary<string, string>());

    internal static Server Redis(string name, string folder, params string[] flags) => Server.Start(
        name,
        folder,
        port => (Children.Require("redis-server"),
            ["--port", Text(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", .. flags],
            []),
        "PING\r\n"u8.ToArray(),
        "+PONG"u8.ToArray());

    internal static Server Shard(int number, string folder) => Redis(
        $"shard {number + 1}",
        folder,
        "--cluster-enabled", "yes", "--cluster-config-file", $"nodes-{number}.conf", "--cluster-port", Text(Children.FreePort()), "--cluster-node-timeout", "5000");

    /// <summary>Deals out the slots and waits until every shard knows all of them.</summary>
    internal static void JoinCluster(IReadOnlyList<Server> shards)
    {
        for (var i = 0; i < shards.Count; i++)
        {
            Expect(shards[i], $"CLUSTER SET-CONFIG-EPOCH {i + 1}");
            Expect(shards[i], $"CLUSTER ADDSLOTSRANGE {Slots * i / shards.Count} {(Slots * (i + 1) / shards.Count) - 1}");
        }

        var busPorts = shards.Select(shard => shard.Tell("CONFIG GET cluster-port").Split("\r\n")[4]).ToArray();
        for (var i = 1; i < shards.Count; i++)
        {
            Expect(shards[0], $"CLUSTER MEET 127.0.0.1 {shards[i].Port} {busPorts[i]}");
        }

        var deadline = DateTime.UtcNow.AddSeconds(20);
        while (!shards.All(shard => shard.Tell("CLUSTER INFO") is var info && info.Contains("cluster_state:ok", StringComparison.Ordinal)
            && info.Contains($"cluster_known_nodes:{shards.Count}", StringComparison.Ordinal)))
        {
            if (DateTime.UtcNow > deadline)
            {
                throw new LoadException("The Redis Cluster did not come together.");
            }

            Thread.Sleep(50);
        }
    }

    /// <summary>The broker: in memory only, as all servers here are, and with TCP_NODELAY, which Kestrel sets by itself.</summary>
    internal static Server Mosquitto(string folder)
    {
        var file = Path.Combine(folder, "mosquitto.conf");
        return Server.Start(
            "mosquitto",
            folder,
            port =>
            {
                var user = Environment.UserName == "root" ? "user root\n" : "";
                File.WriteAllText(file, $"listener {Text(port)} 127.0.0.1\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\nlog_type error\n{user}");
                return (Children.Require("mosquitto"), ["-c", file], []);
            },

            // CONNECT of a client "r", answered by CONNACK.
            [0x10, 13, 0, 4, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 4, 2, 0, 30, 0, 1, (byte)'r'],
            [0x20, 2, 0, 0]);
    }

    private static Dictionary<string, string> Settings(string? redis)
    {
        var settings = new Dictionary<string, string>
        {
            ["DOTNET_ENVIRONMENT"] = "Production",
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["Jwt__SigningKey"] = Tokens.SigningKey,
            ["Logging__LogLevel__Default"] = "Warning",
        };
        if (redis is not null)
        {
            settings["Redis__ConnectionString"] = redis;
        }

        return settings;
    }

    private static Server DotNet(string name, string folder, string assembly, string[] arguments, Dictionary<string, string> settings, IReadOnlyDictionary<string, string> environment) => Server.Start(
        name,
        folder,
        port =>
        {
            var all = new Dictionary<string, string>(settings) { ["Urls"] = $"http://127.0.0.1:{Text(port)}" };
            foreach (var (key, value) in environment)
            {
                all[key] = value;
            }

            return (s_dotnet, [assembly, .. arguments], all);
        },
        "GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"u8.ToArray(),
        "HTTP/1.1 200"u8.ToArray());

    private static void Expect(Server shard, string command)
    {
        var answer = shard.Tell(command);
        if (!answer.StartsWith("+OK", StringComparison.Ordinal))
        {
            throw new LoadException($"{shard.Name} answered {answer.Trim()} to {command}.");
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
