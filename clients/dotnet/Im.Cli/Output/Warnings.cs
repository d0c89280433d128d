using Im.Client;

namespace Im.Cli.Output;

/// <summary>What is said of messages that must not be shown.</summary>
internal static class Warnings
{
    public static string Of(WithheldMessages withheld) => withheld.FirstId == withheld.LastId
        ? $"message {withheld.FirstId} did not come: the relay lost or withheld it. Ask for it again."
        : $"messages {withheld.FirstId} to {withheld.LastId} did not come: the relay lost or withheld them. Ask for them again.";

    public static string Of(RefusedMessage refused)
    {
        var which = refused.Id is { } id ? $"message {id}" : "a message without a number";
        return refused.Reason switch
        {
            RefusalReason.Tampered => $"{which} was refused: it is not what the peer wrote. Ask for it again; if this happens more than once, somebody is in between.",
            RefusalReason.Repeated => $"{which} was refused: it came a second time. The peer did not do that: the relay did, or somebody in between.",
            RefusalReason.Reordered => $"{which} was refused: it came after later ones. The relay, or somebody in between, held it back.",
            _ => throw new InvalidOperationException($"No sentence for {refused.Reason}."),
        };
    }
}
