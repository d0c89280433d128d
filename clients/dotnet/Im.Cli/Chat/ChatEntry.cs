using Im.Cli.Output;

namespace Im.Cli.Chat;

/// <summary>Whose line it is, and by that how it looks.</summary>
internal enum EntryKind
{
    /// <summary>A message of one's own.</summary>
    Own,

    /// <summary>A message that arrived whole and in its place.</summary>
    Theirs,

    /// <summary>The tool says something.</summary>
    Note,

    /// <summary>The tool says something that should worry the user.</summary>
    Warning,
}

/// <summary>How far a message of one's own has come.</summary>
internal enum OwnState
{
    /// <summary>Not yet in the server's store.</summary>
    Sending,

    /// <summary>In the server's store.</summary>
    Sent,

    /// <summary>The peer has acknowledged it.</summary>
    Delivered,

    /// <summary>Its conversation ended before the server had it.</summary>
    Lost,
}

/// <summary>One line of the transcript.</summary>
/// <param name="at">When it came into the view, local time.</param>
/// <param name="kind">Whose it is.</param>
/// <param name="text">As it came; it is kept only in the form that a terminal may show.</param>
internal sealed class ChatEntry(DateTimeOffset at, EntryKind kind, string text)
{
    public DateTimeOffset At => at;

    public EntryKind Kind => kind;

    public string Text { get; } = VisibleText.Of(text);

    /// <summary>Only of <see cref="EntryKind.Own"/>.</summary>
    public OwnState State { get; set; }

    /// <summary>The state in a word.</summary>
    public string StateWord => State switch
    {
        OwnState.Sending => "sending",
        OwnState.Sent => "sent",
        OwnState.Delivered => "delivered",
        OwnState.Lost => "not sent",
        _ => throw new InvalidOperationException($"No word for {State}."),
    };
}
