using Im.Load.Clients;

namespace Im.Load.Servers;

/// <summary>What the clients speak, where a system knows more than one language.</summary>
internal enum Mode
{
    /// <summary>The system knows only one.</summary>
    None,

    /// <summary>The service without a subprotocol.</summary>
    Plain,

    /// <summary>The service in <c>im.v1</c>.</summary>
    V1,
}

/// <summary>What a system keeps its messages in.</summary>
internal enum Store
{
    /// <summary>Nothing outside its own process.</summary>
    None,

    /// <summary>One redis-server.</summary>
    Redis,

    /// <summary>A Redis Cluster of three shards.</summary>
    Cluster,
}

/// <summary>What a system runs as.</summary>
internal enum Kind
{
    /// <summary>The service.</summary>
    Im,

    /// <summary>A SignalR hub.</summary>
    SignalR,

    /// <summary>A websocket relay with nothing around it.</summary>
    Bare,

    /// <summary>The MQTT broker mosquitto.</summary>
    Mosquitto,
}

/// <summary>A system that can be put under load.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="Kind">What runs.</param>
/// <param name="Nodes">How many nodes.</param>
/// <param name="Store">What they share.</param>
internal sealed record SystemSpec(string Name, Kind Kind, int Nodes, Store Store)
{
    private static readonly SystemSpec[] s_known =
    [
        new("im-garnet", Kind.Im, 1, Store.None),
        new("im-redis-1", Kind.Im, 1, Store.Redis),
        new("im-redis-2", Kind.Im, 2, Store.Redis),
        new("im-cluster", Kind.Im, 2, Store.Cluster),
        new("signalr", Kind.SignalR, 2, Store.Redis),
        new("bare", Kind.Bare, 1, Store.None),
        new("mosquitto", Kind.Mosquitto, 1, Store.None),
    ];

    /// <summary>The names that can be asked for.</summary>
    internal static IEnumerable<string> Names => s_known.Select(system => system.Name);

    /// <summary>A published folder of the service to run instead of this repository's.</summary>
    internal string? Folder { get; private init; }

    /// <summary>Whether pairs exchange keys before they talk.</summary>
    internal bool HasSessions => Kind == Kind.Im;

    /// <summary>Whether it can run on this machine.</summary>
    internal bool IsInstalled => Kind != Kind.Mosquitto || Children.Find("mosquitto") is not null;

    /// <summary>Reads <c>im-redis-2</c> or <c>im-redis-2@/a/published/folder</c>.</summary>
    internal static SystemSpec Parse(string text)
    {
        var parts = text.Split('@', 2);
        var known = s_known.FirstOrDefault(system => system.Name == parts[0])
            ?? throw new LoadException($"There is no system {parts[0]}; there are {string.Join(", ", Names)}.");
        return parts.Length == 1 ? known : known with { Name = text, Folder = Path.GetFullPath(parts[1]) };
    }

    /// <summary>The modes of these that the system knows.</summary>
    internal IEnumerable<Mode> ModesOf(IEnumerable<Mode> asked) => Kind == Kind.Im ? asked : [Mode.None];

    internal IClient CreateClient(Mode mode, Place place) => (Kind, mode) switch
    {
        (Kind.Im, Mode.V1) => new ImClient(place),
        (Kind.Im, _) => new PlainClient(place),
        (Kind.SignalR, _) => new SignalRClient(place),
        (Kind.Bare, _) => new BareClient(place),
        _ => new MqttClient(place),
    };
}
