using System.Text.Json;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Telemetry;

/// <summary>What a node writes on its output in Production.</summary>
public sealed class JsonLogsTests
{
    [Fact]
    public async Task Each_line_is_one_object_with_time_level_event_and_message()
    {
        await using var node = await NodeProcess.StartAsync(redis: "", "--Logging:LogLevel:Default=Information");
        await node.TerminateAsync();

        Assert.NotEmpty(node.Lines);
        Assert.All(node.Lines.Where(line => line.Length > 0), line =>
        {
            var entry = JsonElement.Parse(line);
            Assert.True(entry.GetProperty("Timestamp").TryGetDateTime(out var time));
            Assert.Equal(DateTimeKind.Utc, time.Kind);
            Assert.All(["LogLevel", "EventId", "Category", "Message"], field => Assert.True(entry.TryGetProperty(field, out _)));
        });
    }

    /// <summary>What is worth knowing would be pushed out by it.</summary>
    [Fact]
    public async Task A_request_writes_no_line()
    {
        await using var node = await NodeProcess.StartAsync(redis: "", "--Logging:LogLevel:Default=Information");
        await node.Rest.SendAsync(HttpMethod.Get, "/health/ready", null);
        await node.Rest.SendAsync(HttpMethod.Delete, "/im/get_imKey", Pairs.Fresh().Ann);
        await node.TerminateAsync();

        Assert.Contains(node.Lines, line => line.Contains("Microsoft.Hosting.Lifetime", StringComparison.Ordinal));

        // But for what the server says of a machine that stood still.
        Assert.DoesNotContain(node.Lines, line => line.Contains("Microsoft.AspNetCore", StringComparison.Ordinal) && !line.Contains("heartbeat", StringComparison.Ordinal));
    }

    /// <summary>Whoever can begin a line of a log can make up what happened.</summary>
    [Fact]
    public async Task Nothing_that_a_client_wrote_begins_a_line()
    {
        const string forged = "\r\n{\"LogLevel\":\"Critical\",\"Message\":\"forged\"}\r\n";
        await using var node = await NodeProcess.StartAsync(redis: "", "--Logging:LogLevel:Default=Trace", "--Logging:LogLevel:Microsoft.AspNetCore=Trace");
        var escaped = Uri.EscapeDataString(forged);
        await node.Rest.SendAsync(HttpMethod.Get, $"/{escaped}?{escaped}={escaped}", null);
        await node.Rest.RegisterAsync(forged, forged, forged);
        await node.Rest.LogInAsync(forged, null, forged);
        await node.Rest.SendAsync(HttpMethod.Get, $"/im/sessions/{escaped}?token={escaped}", Pairs.Fresh().Ann);
        await node.TerminateAsync();

        Assert.NotEmpty(node.Lines);
        Assert.All(node.Lines.Where(line => line.Length > 0), line => Assert.NotEqual("forged", JsonElement.Parse(line).GetProperty("Message").GetString()));
    }

    [Fact]
    public async Task Who_has_chosen_a_format_gets_it()
    {
        await using var node = await NodeProcess.StartAsync(redis: "", "--Logging:LogLevel:Default=Information", "--Logging:Console:FormatterName=simple");
        await node.TerminateAsync();

        Assert.Contains(node.Lines, line => line.StartsWith("info: ", StringComparison.Ordinal));
    }
}
