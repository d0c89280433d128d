using System.Text.Json;
using Im.Client.Encryption;
using Im.Client.Wire;

namespace Im.Client.Messaging;

/// <summary>Whether the peer types: what its signals say, forgotten after six seconds. One reader; the timer may run beside it.</summary>
internal sealed class PeerTyping(SessionCipher cipher, TimeProvider clock, Action<bool> changed) : IDisposable
{
    private static readonly TimeSpan Forgotten = TimeSpan.FromSeconds(6);

    private ITimer? _timer;
    private ulong _lastCounter;

    /// <summary>A signal came. What is not the peer's, or comes late, or is of an unknown type, is dropped.</summary>
    public void Take(string data)
    {
        if (cipher.DecryptSignal(data) is not { } signal || signal.Counter <= _lastCounter)
        {
            return;
        }

        _lastCounter = signal.Counter;
        if (Parse(signal.Text) is { Type: "typing", Typing: { } typing })
        {
            Set(typing);
        }
    }

    /// <summary>The peer went, or the connection.</summary>
    public void Forget() => Set(false);

    public void Dispose() => _timer?.Dispose();

    private void Set(bool typing)
    {
        _timer?.Dispose();
        _timer = typing ? clock.CreateTimer(_ => changed(false), null, Forgotten, Timeout.InfiniteTimeSpan) : null;
        changed(typing);
    }

    private static SignalText? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, WireJson.Default.SignalText);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
