using System.Collections.Concurrent;
using System.Diagnostics;
using Im.Application.Messaging;
using Im.Domain;
using Im.UnitTests.WebApi.Messaging;
using Im.WebApi.Telemetry;
using MediatR;
using NSubstitute;

namespace Im.UnitTests.WebApi.Telemetry;

public sealed class FrameSpansTests
{
    private readonly IMediator _mediator = Substitute.For<IMediator>();
    private Activity? _inCommand;

    public FrameSpansTests() => _mediator.Send(Arg.Any<SendMessage>(), Arg.Any<CancellationToken>()).Returns(_ =>
    {
        _inCommand = Activity.Current;
        return Task.FromResult<Result<Accepted>>(Errors.QueueFull);
    });

    [Fact]
    public async Task While_nobody_wants_spans_a_message_has_none()
    {
        await SendAsync();

        Assert.Null(_inCommand);
    }

    [Fact]
    public async Task A_message_has_a_trace_of_its_own_that_tells_the_refusal_and_nothing_of_the_message()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == FrameSpans.Name,
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var request = new Activity("request").Start();

        await SendAsync();

        Assert.Same(request, Activity.Current);
        var span = Assert.Single(ended, span => span == _inCommand);
        Assert.Null(span.Parent);
        Assert.NotEqual(request.TraceId, span.TraceId);
        Assert.Equal(["im.code=42901"], span.TagObjects.Select(tag => $"{tag.Key}={tag.Value}"));
    }

    private Task<Result<Accepted>> SendAsync() => FrameSpans.SendAsync(_mediator, new SendMessage(Talk.Ann, new OutgoingMessage(1, "secret"u8.ToArray())));
}
