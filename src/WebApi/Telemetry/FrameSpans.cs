using System.Diagnostics;
using Im.Application.Messaging;
using Im.Domain;
using Im.WebApi.Wire;
using MediatR;

namespace Im.WebApi.Telemetry;

/// <summary>A span for each message that a client sends, from its frame to the store's answer; only while somebody wants spans.</summary>
internal static class FrameSpans
{
    /// <summary>The name of the source.</summary>
    public const string Name = "Im.Node";

    private static readonly ActivitySource Source = new(Name);

    /// <summary>Sends the command, in a span of its own where that is wanted.</summary>
    public static Task<Result<Accepted>> SendAsync(IMediator mediator, SendMessage command) =>
        Source.HasListeners() ? SendInSpanAsync(mediator, command) : mediator.Send(command);

    private static async Task<Result<Accepted>> SendInSpanAsync(IMediator mediator, SendMessage command)
    {
        // A trace of its own: that of the request would last as long as the socket, and hold all that is ever said on it.
        Activity.Current = null;
        using var span = Source.StartActivity("frame msg", ActivityKind.Server);
        var accepted = await mediator.Send(command);
        if (!accepted.IsOk)
        {
            span?.SetTag("im.code", ErrorMap.NumberOf(accepted.Error.Code)).SetStatus(ActivityStatusCode.Error);
        }

        return accepted;
    }
}
