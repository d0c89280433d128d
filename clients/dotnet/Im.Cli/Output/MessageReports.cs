using System.Text.Json;
using Im.Client;

namespace Im.Cli.Output;

/// <summary>A message arrived. Without <c>--json</c> its text is not said but printed.</summary>
internal sealed record MessageReport(long From, long Id, string Text) : Report("message")
{
    public override string? Sentence => null;

    public override void WriteFields(Utf8JsonWriter json)
    {
        json.WriteNumber("from", From);
        json.WriteNumber("id", Id);
        json.WriteString("text", Text);
    }

    /// <summary>Without the text.</summary>
    public override string ToString() => $"message {Id}";
}

/// <summary>The relay has stored a message of one's own.</summary>
internal sealed record SentReport(long Id) : Report("sent")
{
    public override string? Sentence => null;

    public override void WriteFields(Utf8JsonWriter json) => json.WriteNumber("id", Id);
}

/// <summary>The peer has acknowledged everything up to this id.</summary>
internal sealed record DeliveredReport(long Id) : Report("delivered")
{
    public override string? Sentence => null;

    public override void WriteFields(Utf8JsonWriter json) => json.WriteNumber("id", Id);
}

/// <summary>Messages that the peer sent did not come.</summary>
internal sealed record WithheldReport(WithheldMessages Withheld) : Report("withheld")
{
    public override string Sentence => $"Warning: {Warnings.Of(Withheld)}";

    public override void WriteFields(Utf8JsonWriter json)
    {
        json.WriteNumber("first_id", Withheld.FirstId);
        json.WriteNumber("last_id", Withheld.LastId);
    }
}

/// <summary>Something came as a message that is none.</summary>
internal sealed record RefusedReport(RefusedMessage Refused) : Report("refused")
{
    public override string Sentence => $"Warning: {Warnings.Of(Refused)}";

    public override void WriteFields(Utf8JsonWriter json)
    {
        if (Refused.Id is { } id)
        {
            json.WriteNumber("id", id);
        }

        json.WriteString("reason", Failure.SnakeCase(Refused.Reason.ToString()));
    }
}

/// <summary>The peer connected or went.</summary>
internal sealed record PresenceReport(long Peer, bool IsOnline) : Report("presence")
{
    public override string? Sentence => null;

    public override void WriteFields(Utf8JsonWriter json)
    {
        json.WriteNumber("user_id", Peer);
        json.WriteBoolean("online", IsOnline);
    }
}

/// <summary>The peer types or stopped.</summary>
internal sealed record TypingReport(long Peer, bool IsTyping) : Report("typing")
{
    public override string? Sentence => null;

    public override void WriteFields(Utf8JsonWriter json)
    {
        json.WriteNumber("user_id", Peer);
        json.WriteBoolean("typing", IsTyping);
    }
}

/// <summary>The relay takes no messages for now; null: it takes them again.</summary>
internal sealed record SendingReport(SendingPaused? Paused) : Report("sending")
{
    public override string? Sentence => Paused is null ? null : $"Sending waits: {Paused.Error.Message}";

    public override void WriteFields(Utf8JsonWriter json)
    {
        json.WriteBoolean("paused", Paused is not null);
        if (Paused is not null)
        {
            json.WriteString("reason", Failure.SnakeCase(Paused.Error.Kind.ToString()));
        }
    }
}
