using System.Net;
using Im.Load.Servers;
using Im.Load.Wire;

namespace Im.Load.Clients;

/// <summary>Many pairs on one system, the two sides of each on different nodes where there are two.</summary>
internal sealed class Conversations : IDeliveries, IClientEvents
{
    private const int Lanes = 32;

    // One source address has some 28,000 ports.
    private const int ClientsPerAddress = 10_000;

    // So many connect at a time when nothing is measured: less than a listening socket queues.
    private const int Opening = 200;

    private readonly Loop _loop;
    private readonly Deployment _deployment;

    internal Conversations(Loop loop, Deployment deployment, Mode mode, int pairs, int payload, int firstPair = 0)
    {
        _loop = loop;
        _deployment = deployment;
        Pairs = [.. Enumerable.Range(firstPair, pairs).Select(number => new Pair(number, this))];
        Senders = [.. Pairs.Select(pair => Create(pair, true))];
        Receivers = [.. Pairs.Select(pair => Create(pair, false))];

        IClient Create(Pair pair, bool isSender)
        {
            var index = (2 * pair.Number) + (isSender ? 0 : 1);
            var port = deployment.PortOf(isSender ? 0 : 1);
            return deployment.System.CreateClient(mode, new Place(loop, pair, isSender, port, SourceOf(index), payload, this));
        }
    }

    internal Pair[] Pairs { get; }

    /// <summary>The pairs' senders, in their order.</summary>
    internal IClient[] Senders { get; }

    internal IClient[] Receivers { get; }

    /// <summary>Both sides of all pairs.</summary>
    internal IEnumerable<IClient> All => Senders.Zip(Receivers).SelectMany(pair => new[] { pair.First, pair.Second });

    internal long Delivered { get; private set; }

    internal int Ready { get; private set; }

    /// <summary>Takes the deliveries, while there is someone to.</summary>
    internal Action<Pair, long>? OnDelivered { get; set; }

    internal Action<IClient>? OnReady { get; set; }

    /// <summary>Takes refusals; without it they end the run.</summary>
    internal Action<IClient, string>? OnRefused { get; set; }

    /// <summary>Exchanges the keys of all pairs, where the system knows keys.</summary>
    internal void ExchangeKeys()
    {
        if (!_deployment.System.HasSessions)
        {
            return;
        }

        var next = 0;
        var exchange = new Exchange(_loop, _deployment.PortOf(0), _deployment.PortOf(1), Math.Min(Lanes, Pairs.Length), () => next < Pairs.Length ? Pairs[next++] : null);
        _loop.Until(() => exchange.Completed == Pairs.Length, TimeSpan.FromSeconds(120), () => $"Of {Pairs.Length} key exchanges only {exchange.Completed} were completed.");
    }

    /// <summary>Connects everyone, a few at a time, and waits until all are ready.</summary>
    internal void Connect()
    {
        var next = 0;
        var clients = All.ToArray();
        _loop.Until(
            () =>
            {
                while (next < clients.Length && next - Ready < Opening)
                {
                    clients[next++].Open();
                }

                return Ready == clients.Length;
            },
            TimeSpan.FromSeconds(120),
            () => $"Of {clients.Length} clients only {Ready} became ready.");
    }

    /// <summary>Waits until all that was sent has arrived, and all that the protocol promises to the senders too.</summary>
    internal void Settle() => _loop.Until(
        () => Delivered == Pairs.Sum(pair => pair.Sent) && Senders.All(sender => sender.IsSettled),
        TimeSpan.FromSeconds(15),
        () => $"Of {Pairs.Sum(pair => pair.Sent)} messages {Delivered} arrived, and {Senders.Count(sender => !sender.IsSettled)} senders wait for receipts: the rest is lost.");

    /// <summary>Drops all connections.</summary>
    internal void Drop()
    {
        foreach (var client in All)
        {
            client.Drop();
        }

        Ready = 0;
    }

    void IDeliveries.Delivered(Pair pair, long stamp)
    {
        Delivered++;
        OnDelivered?.Invoke(pair, stamp);
    }

    void IClientEvents.BecameReady(IClient client)
    {
        Ready++;
        OnReady?.Invoke(client);
    }

    void IClientEvents.WasRefused(IClient client, string why)
    {
        if (OnRefused is null)
        {
            throw new LoadException($"A client was refused: {why}.");
        }

        OnRefused(client, why);
    }

    private static IPAddress SourceOf(int client) => new([127, 0, 1, (byte)(1 + (client / ClientsPerAddress))]);
}
