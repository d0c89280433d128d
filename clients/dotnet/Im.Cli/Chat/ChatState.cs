using Im.Client;

namespace Im.Cli.Chat;

/// <summary>All that the screen shows besides the line being written.</summary>
/// <param name="peer">The other user.</param>
/// <param name="time">The clock.</param>
internal sealed class ChatState(long peer, TimeProvider time)
{
    public long Peer => peer;

    public DateTimeOffset Now => time.GetUtcNow();

    public Transcript Transcript { get; } = new(time);

    /// <summary>Null while nobody can say: not connected.</summary>
    public bool? IsPeerOnline { get; set; }

    public bool IsPeerTyping { get; set; }

    /// <summary>Null before the first exchange.</summary>
    public bool? ServerCouldRead { get; set; }

    /// <summary>Null between two conversations.</summary>
    public ConversationState? Connection { get; set; }

    /// <summary>Null while the relay takes messages.</summary>
    public SendingPaused? Paused { get; set; }

    /// <summary>When the login of now ends; null where no other login can prolong it.</summary>
    public Func<DateTimeOffset>? LoginEnds { get; init; }

    public bool WantsNewKeys { get; set; }

    /// <summary>What a running exchange of keys says at this moment; null: none is running.</summary>
    public Func<string>? Meeting { get; set; }

    /// <summary>Lines that the view is scrolled up by; 0: the newest is at the bottom.</summary>
    public int ScrolledUp { get; set; }
}
