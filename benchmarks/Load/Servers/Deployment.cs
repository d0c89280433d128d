using Im.Load.Measure;

namespace Im.Load.Servers;

/// <summary>A system that runs: its nodes, and the servers of its store.</summary>
internal sealed class Deployment : IDisposable
{
    private readonly List<Server> _nodes = [];
    private readonly List<Server> _stores = [];
    private readonly string _folder = TemporaryFolders.Create("im-load-");

    private Deployment(SystemSpec system) => System = system;

    internal SystemSpec System { get; }

    internal IReadOnlyList<Server> Nodes => _nodes;

    internal IReadOnlyList<Server> Stores => _stores;

    /// <summary>The port of one side of each pair: the sides are on different nodes where there are two.</summary>
    internal int PortOf(int side) => _nodes[side % _nodes.Count].Port;

    /// <summary>CPU time that each of these has used so far.</summary>
    internal static TimeSpan[] CpuOf(IEnumerable<Server> servers) => [.. servers.Select(server => ProcessFigures.Cpu(server.Process.Id))];

    internal static Deployment Start(SystemSpec system, Published published, IReadOnlyDictionary<string, string> environment)
    {
        var deployment = new Deployment(system);
        try
        {
            deployment.StartServers(published, environment);
            return deployment;
        }
        catch
        {
            deployment.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        // Nodes first: they say goodbye to their store.
        Children.Stop([.. _nodes.Select(node => node.Process)]);
        Children.Stop([.. _stores.Select(store => store.Process)]);
        TemporaryFolders.Delete(_folder);
    }

    private void StartServers(Published published, IReadOnlyDictionary<string, string> environment)
    {
        var store = StartStore();
        for (var i = 0; i < System.Nodes; i++)
        {
            _nodes.Add(System.Kind switch
            {
                Kind.Im => Launch.Im($"node {i + 1}", _folder, published.ServiceOf(System), store, environment),
                Kind.Mosquitto => Launch.Mosquitto(_folder),
                _ => Launch.Peer($"node {i + 1}", _folder, published.Peers, System.Kind, store),
            });
        }
    }

    private string? StartStore()
    {
        switch (System.Store)
        {
            case Store.Redis:
                _stores.Add(Launch.Redis("redis", _folder));
                break;
            case Store.Cluster:
                for (var i = 0; i < 3; i++)
                {
                    _stores.Add(Launch.Shard(i, _folder));
                }

                Launch.JoinCluster(_stores);
                break;
            default:
                return null;
        }

        return string.Join(',', _stores.Select(server => $"127.0.0.1:{server.Port}"));
    }
}
