using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using BenchmarkDotNet.Attributes;
using Im.Application.KeyExchange;
using Im.Application.Messaging;
using Im.Domain;
using Im.WebApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Im.Micro;

/// <summary>A round trip to the store: messages in, acknowledged; alone, and sixteen that go together.</summary>
[MemoryDiagnoser]
public class Scripts
{
    private static readonly UserId Ann = UserId.Of(9).Value;
    private static readonly UserId Bob = UserId.Of(10).Value;

    private readonly byte[] _body = new byte[256];
    private Process? _redis;
    private WebApplication _node = null!;
    private IMessageQueue _queue = null!;
    private Attachment _ann = null!;
    private Attachment _bob = null!;
    private long _count;

    /// <summary>The embedded store, or a redis-server of the benchmark's own.</summary>
    [Params("garnet", "redis")]
    public string Store { get; set; } = "";

    /// <summary>Starts the store and a node, and attaches both users.</summary>
    [GlobalSetup]
    public async Task SetUp()
    {
        List<string> settings = ["--Urls=http://127.0.0.1:0", $"--Jwt:SigningKey={new string('k', 32)}", $"--contentRoot={AppContext.BaseDirectory}", "--Logging:LogLevel:Default=Error"];
        if (Store == "redis")
        {
            var port = FreePort();
            _redis = Process.Start("redis-server", ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--loglevel", "warning"]);
            settings.Add($"--Redis:ConnectionString=127.0.0.1:{port},abortConnect=false");
            await Task.Delay(TimeSpan.FromSeconds(1));
        }
        else
        {
            settings.Add($"--Accounts:Database={Path.GetTempFileName()}");
        }

        _node = Node.Build([.. settings]);
        await _node.StartAsync();
        _queue = _node.Services.GetRequiredService<IMessageQueue>();
        var handshakes = _node.Services.GetRequiredService<IHandshakeRepository>();
        var pair = PairKey.Of(Ann, Bob).Value;
        foreach (var user in new[] { Ann, Bob })
        {
            _ = (await handshakes.ExchangeAsync(new ExchangeCall(Handshake.Open(pair, user, ImKey.Generate(32)), MayOpen: true), CancellationToken.None)).Value;
        }

        _ann = await AttachAsync(pair, Ann);
        _bob = await AttachAsync(pair, Bob);
    }

    /// <summary>Stops both.</summary>
    [GlobalCleanup]
    public async Task CleanUp()
    {
        await _node.StopAsync();
        await _node.DisposeAsync();
        _redis?.Kill();
        _redis?.Dispose();
    }

    /// <summary>One message, stored and acknowledged.</summary>
    [Benchmark]
    public async Task MessageAndAcknowledgement()
    {
        _ = (await _queue.EnqueueAsync(_ann, new OutgoingMessage(++_count, _body), CancellationToken.None)).Value;
        _ = (await _queue.AcknowledgeAsync(_bob, _count, CancellationToken.None)).Value;
    }

    /// <summary>Sixteen behind one that is under way, acknowledged together; per message.</summary>
    [Benchmark(OperationsPerInvoke = 17)]
    public async Task SeventeenMessagesAndOneAcknowledgement()
    {
        Task<Result<Accepted>> last = null!;
        for (var i = 0; i < 17; i++)
        {
            last = _queue.EnqueueAsync(_ann, new OutgoingMessage(++_count, _body), CancellationToken.None);
        }

        _ = (await last).Value;
        _ = (await _queue.AcknowledgeAsync(_bob, _count, CancellationToken.None)).Value;
    }

    private async Task<Attachment> AttachAsync(PairKey pair, UserId user)
    {
        var sessions = _node.Services.GetRequiredService<ISessionRepository>();
        var found = (await sessions.FindAsync(pair, user, CancellationToken.None)).Value;
        return (await sessions.AttachAsync(found, user, 0, CancellationToken.None)).Value.Attachment;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
