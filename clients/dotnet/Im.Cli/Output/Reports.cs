using System.Globalization;
using System.Text.Json;
using Im.Client;

namespace Im.Cli.Output;

/// <summary>Who one is now, after a login.</summary>
internal sealed record AccountReport(long Id, DateTimeOffset ExpiresAt) : Report("account")
{
    public override string Sentence => string.Create(CultureInfo.InvariantCulture, $"You are user {Id}; the token is good until {ExpiresAt.ToLocalTime():yyyy-MM-dd HH:mm}.");

    public override void WriteFields(Utf8JsonWriter json)
    {
        json.WriteNumber("id", Id);
        json.WriteNumber("expires_at", ExpiresAt.ToUnixTimeMilliseconds());
    }
}

/// <summary>Something was done that has no more to tell than that.</summary>
internal sealed record DoneReport(string What, string Said) : Report("done")
{
    public override string Sentence => Said;

    public override void WriteFields(Utf8JsonWriter json) => json.WriteString("what", What);
}

/// <summary>The rendezvous goes on.</summary>
internal sealed record WaitingReport(long Peer, TimeSpan Left, RendezvousProgress Progress) : Report("state")
{
    public override string? Sentence => Progress.Step switch
    {
        RendezvousStep.WaitingForPeer => $"Waiting for user {Peer}, at most {Math.Ceiling(Left.TotalSeconds):0} s more.",
        RendezvousStep.Retrying when Progress.Error is { } error => $"{Talk.Meeting.Trouble(error)}; trying again, at most {Math.Ceiling(Left.TotalSeconds):0} s more.",
        _ => null,
    };

    public override void WriteFields(Utf8JsonWriter json)
    {
        json.WriteString("state", "waiting");
        json.WriteString("step", Failure.SnakeCase(Progress.Step.ToString()));
        json.WriteNumber("seconds_left", (long)Math.Ceiling(Left.TotalSeconds));
        if (Progress.Error is { } error)
        {
            json.WriteString("reason", Failure.SnakeCase(error.Kind.ToString()));
        }
    }
}

/// <summary>The conversation's connection changed.</summary>
internal sealed record StateReport(ConversationState State, TimeSpan? NextTryIn) : Report("state")
{
    public override string? Sentence => State.Status switch
    {
        ConversationStatus.Reconnecting when NextTryIn is { } wait =>
            $"Connection lost: {State.Error?.Message} Next try in {Math.Ceiling(wait.TotalSeconds):0} s.",
        ConversationStatus.Connected => "Connected.",
        _ => null,
    };

    public override void WriteFields(Utf8JsonWriter json)
    {
        json.WriteString("state", Failure.SnakeCase(State.Status.ToString()));
        if (State.Error is { } error)
        {
            json.WriteString("reason", Failure.SnakeCase(error.Kind.ToString()));
        }

        if (NextTryIn is { } wait)
        {
            json.WriteNumber("next_try_in_ms", (long)Math.Max(0, wait.TotalMilliseconds));
        }
    }
}

/// <summary>The key was agreed on by public keys.</summary>
internal sealed record SafetyNumberReport(string Number) : Report("safety_number")
{
    public override string Sentence => $"Safety number: {Number}\n{Talk.Protection.Compare}";

    public override void WriteFields(Utf8JsonWriter json) => json.WriteString("number", Number);
}

/// <summary>The key came from the server.</summary>
internal sealed record ServerKeyReport(bool IsShort) : Report("server_key")
{
    public override string Sentence => IsShort ? $"{Talk.Protection.ServerCouldRead} {Talk.Protection.ShortKey}" : Talk.Protection.ServerCouldRead;

    public override void WriteFields(Utf8JsonWriter json)
    {
        json.WriteBoolean("server_could_read", true);
        json.WriteBoolean("key_is_short", IsShort);
    }
}
