using System.Diagnostics;
using Im.WebApi.Telemetry;

namespace Im.UnitTests.WebApi.Telemetry;

public sealed class SpanTagsTests
{
    [Fact]
    public void Only_what_is_known_to_be_harmless_leaves_the_node()
    {
        using var processor = new SpanTags();
        using var span = new Activity("GET /im/sessions/{to_user_id}").Start();
        span.TraceStateString = "vendor=secret";
        span.SetTag("http.route", "/im/sessions/{to_user_id}").SetTag("http.response.status_code", 200)
            .SetTag("url.path", "/im/sessions/7").SetTag("url.query", "?token=secret").SetTag("client.address", "192.0.2.7")
            .SetTag("network.peer.address", "192.0.2.7").SetTag("user_agent.original", "secret").SetTag("server.address", "secret")
            .SetStatus(ActivityStatusCode.Error, "could not read secret");

        processor.OnEnd(span);

        Assert.Equal(["http.response.status_code=200", "http.route=/im/sessions/{to_user_id}"], span.TagObjects.Select(tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal));
        Assert.Equal((ActivityStatusCode.Error, (string?)null, (string?)null), (span.Status, span.StatusDescription, span.TraceStateString));
    }
}
