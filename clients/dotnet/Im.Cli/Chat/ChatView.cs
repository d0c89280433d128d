using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Im.Cli.Chat;

/// <summary>The one place through which state and screen of the chat are touched: whoever has something new changes it here.</summary>
/// <param name="state">What is shown.</param>
/// <param name="screen">Where.</param>
/// <param name="editor">The line being written.</param>
internal sealed class ChatView(ChatState state, Screen screen, LineEditor editor)
{
    /// <summary>Between two pictures at least; a flood of messages costs no more.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(30);

    /// <summary>Count-downs move also when nothing happens.</summary>
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Changes the state, alone, and has it drawn.</summary>
    public void Change(Action<ChatState> change)
    {
        lock (_lock)
        {
            change(state);
        }

        _wake.Writer.TryWrite(true);
    }

    /// <summary>Adds a line.</summary>
    public ChatEntry Say(EntryKind kind, string text)
    {
        ChatEntry? entry = null;
        Change(state => entry = state.Transcript.Add(kind, text));
        return entry!;
    }

    /// <summary>Takes a key.</summary>
    /// <returns>The finished line if it was Enter, else null; and what the line is now.</returns>
    public (string? Finished, string Line) Take(ConsoleKeyInfo key)
    {
        string? finished = null;
        var line = "";
        Change(state =>
        {
            switch (key.Key)
            {
                case ConsoleKey.PageUp:
                    state.ScrolledUp += screen.Page;
                    break;
                case ConsoleKey.PageDown:
                    state.ScrolledUp = Math.Max(0, state.ScrolledUp - screen.Page);
                    break;
                default:
                    finished = editor.Take(key);
                    break;
            }

            // Who says something wants to see it.
            state.ScrolledUp = finished is null ? state.ScrolledUp : 0;
            line = editor.Text;
        });
        return (finished, line);
    }

    /// <summary>Shows the chat until it is cancelled, and leaves the terminal as it was.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var resized = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => _wake.Writer.TryWrite(true));
        using var continued = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ =>
        {
            Locked(screen.Open);
            _wake.Writer.TryWrite(true);
        });
        Locked(screen.Open);
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                Locked(screen.Draw);
                await Task.Delay(Pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await WakeAsync(cancellationToken);
            }
        }
        finally
        {
            Locked(screen.Close);
        }
    }

    private async Task WakeAsync(CancellationToken cancellationToken)
    {
        using var second = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        second.CancelAfter(Second);
        try
        {
            await _wake.Reader.ReadAsync(second.Token);
        }
        catch (OperationCanceledException)
        {
            // Nothing new for a second, or it is over.
        }
    }

    private void Locked(Action action)
    {
        lock (_lock)
        {
            action();
        }
    }
}
