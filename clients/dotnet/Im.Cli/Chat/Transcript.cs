namespace Im.Cli.Chat;

/// <summary>What was said and what happened, oldest first. It lives in memory only, and the oldest lines go when it is full.</summary>
internal sealed class Transcript(TimeProvider time)
{
    /// <summary>Lines at most.</summary>
    public const int MaxEntries = 1_000;

    private readonly List<ChatEntry> _entries = [];

    public IReadOnlyList<ChatEntry> Entries => _entries;

    /// <summary>Adds a line and returns it.</summary>
    public ChatEntry Add(EntryKind kind, string text)
    {
        var entry = new ChatEntry(time.GetLocalNow(), kind, text);
        _entries.Add(entry);
        if (_entries.Count > MaxEntries)
        {
            _entries.RemoveAt(0);
        }

        return entry;
    }
}
