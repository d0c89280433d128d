using Im.Client;

namespace Im.Cli.Talk;

/// <summary>What the users are told about who could read along.</summary>
internal static class Protection
{
    public const string Compare = "Compare it with your peer by another way than this server. If the two differ, somebody reads along: end the conversation.";

    public const string ServerCouldRead = "Server key: the server made the key and could read this conversation. There is no safety number, since it would prove nothing.";

    public const string ShortKey = "The key is also shorter than 128 bits, so that others may guess it: ask the operator for a longer one.";

    /// <summary>The lines for a person, in the order of reading.</summary>
    public static IEnumerable<string> LinesFor(KeyMode mode, string? safetyNumber, bool isKeyShort)
    {
        if (mode is KeyMode.ServerKey)
        {
            yield return ServerCouldRead;
            if (isKeyShort)
            {
                yield return ShortKey;
            }
        }
        else
        {
            yield return $"Safety number: {safetyNumber}";
            yield return Compare;
        }
    }
}
