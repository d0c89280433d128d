using System.Collections.Frozen;
using System.Diagnostics;
using OpenTelemetry;

namespace Im.WebApi.Telemetry;

/// <summary>
/// Takes out of each span what is not known to be harmless, before it leaves the node. The framework adds the path (a user's id
/// stands in it), the query (a session, or a token), and who called from where.
/// </summary>
internal sealed class SpanTags : BaseProcessor<Activity>
{
    private static readonly FrozenSet<string> Harmless = FrozenSet.Create(
        "http.request.method", "http.response.status_code", "http.route", "url.scheme", "network.protocol.name", "network.protocol.version", "error.type", "im.code");

    public override void OnEnd(Activity data)
    {
        foreach (var tag in data.TagObjects.Select(tag => tag.Key).Where(tag => !Harmless.Contains(tag)).ToList())
        {
            data.SetTag(tag, null);
        }

        // What a client wrote into its headers, and sentences of exceptions, which may quote a request.
        data.TraceStateString = null;
        data.SetStatus(data.Status);
    }
}
