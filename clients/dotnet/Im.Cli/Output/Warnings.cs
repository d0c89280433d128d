using Im.Client;

namespace Im.Cli.Output;

/// <summary>What is said of messages that must not be shown.</summary>
internal static class Warnings
{
    public static string Of(WithheldMessages withheld) => withheld.FirstId == withheld.LastId
        ? $"message {withheld.FirstId} did not come: the relay lost or withheld it."
        : $"messages {withheld.FirstId} to {withheld.LastId} did not come: the relay lost or withheld them.";

    public static string Of(RefusedMessage refused)
    {
        var which = refused.Id is { } id ? $"message {id}" : "a message without a number";
        return refused.Reason switch
        {
            RefusalReason.Tampered => $"{which} was refused: it is not what the peer wrote.",
            RefusalReason.Repeated => $"{which} was refused: it came a second time.",
            RefusalReason.Reordered => $"{which} was refused: it came after later ones.",
            _ => throw new InvalidOperationException($"No sentence for {refused.Reason}."),
        };
    }
}
