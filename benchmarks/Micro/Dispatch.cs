using BenchmarkDotNet.Attributes;
using Im.Application.Messaging;
using Im.Domain;
using Im.WebApi.Composition;
using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace Im.Micro;

/// <summary>What it costs to send a command through the mediator and its behaviours to a handler whose port answers at once.</summary>
[MemoryDiagnoser]
public class Dispatch
{
    private readonly Attachment _ann = Some.Attachment();
    private readonly OutgoingMessage _message = new(1, new byte[256]);
    private readonly Port _port = new();
    private IMediator _mediator = null!;

    /// <summary>Registers as the service does.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        var services = new ServiceCollection();
        services.AddFeatures(Extensions.Scanned());
        services.AddSingleton<IMessageQueue>(_port);
        _mediator = services.BuildServiceProvider().GetRequiredService<IMediator>();
    }

    /// <summary>The port alone.</summary>
    [Benchmark(Baseline = true)]
    public Task<Result<Accepted>> PortOnly() => _port.EnqueueAsync(_ann, _message, CancellationToken.None);

    /// <summary>Through the mediator.</summary>
    [Benchmark]
    public Task<Result<Accepted>> SendMessage() => _mediator.Send(new SendMessage(_ann, _message));

    private sealed class Port : IMessageQueue
    {
        private readonly Task<Result<Accepted>> _accepted = Task.FromResult<Result<Accepted>>(new Accepted(1, false));

        public Task<Result<Accepted>> EnqueueAsync(Attachment sender, OutgoingMessage message, CancellationToken cancellationToken) => _accepted;

        public Task<Result<QueuePage>> ReadAsync(Attachment recipient, long fromSeq, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<Result<Done>> AcknowledgeAsync(Attachment recipient, long seq, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
