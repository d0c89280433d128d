using System.Text;
using Im.Domain;

namespace Im.Micro;

/// <summary>What the benchmarks begin with.</summary>
internal static class Some
{
    /// <summary>A connection of user 9 to a session with user 10.</summary>
    public static Attachment Attachment()
    {
        var ann = UserId.Of(9).Value;
        return Im.Domain.Attachment.Of(new Session(PairKey.Of(ann, UserId.Of(10).Value).Value, SessionId.Generate()), ann, 1);
    }

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
