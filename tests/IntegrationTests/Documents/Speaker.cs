using System.Globalization;
using System.Text.Json;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Documents;

/// <summary>A client of which every frame, sent and received, is compared with the AsyncAPI document.</summary>
internal sealed class Speaker(AsyncApi document, SocketClient socket, string channel) : IAsyncDisposable
{
    /// <summary>Sends a frame that is as described.</summary>
    public Task SayAsync(string frame)
    {
        document.Saw(channel, "receive", JsonElement.Parse(frame));
        return socket.SendRawAsync(frame);
    }

    /// <summary>Sends what is not as described, or not to be taken: it must be refused.</summary>
    public async Task<int> IsRefusedAsync(string frame)
    {
        await socket.SendRawAsync(frame);
        return (int)(await HearAsync("error")).Number("code");
    }

    /// <summary>The next frame of this type.</summary>
    public Task<Frame> HearAsync(string type) => socket.NextAsync(type);

    /// <summary>Waits for the end, which must be one of those described.</summary>
    public async Task<int?> EndsAsync()
    {
        var code = await socket.ClosedAsync();
        Assert.True(document.Document["channels"]![channel]!["x-close-codes"]!.AsObject().ContainsKey(code!.Value.ToString(CultureInfo.InvariantCulture)));
        return code;
    }

    public Task CloseAsync() => socket.CloseAsync();

    /// <summary>Whatever came is compared at the end, also what nobody waited for.</summary>
    public async ValueTask DisposeAsync()
    {
        await socket.DisposeAsync();
        foreach (var frame in socket.Frames)
        {
            document.Saw(channel, "send", frame.Json);
        }
    }
}
