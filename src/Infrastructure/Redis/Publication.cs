using System.Buffers.Text;
using System.Text;
using Im.Application.Messaging;
using Im.Domain;

namespace Im.Infrastructure.Redis;

/// <summary>
/// Reads what the scripts publish: <c>kind session …\n body</c>, where session is the session the notice belongs to, or
/// <c>-</c>. Whatever cannot be read is dropped: a publication is only speed, the lists are the truth.
/// </summary>
/// <remarks>
/// <list type="table">
/// <item><term><c>m session first lengths\n bodies</c></term><description>messages stored: first seq, body lengths with commas</description></item>
/// <item><term><c>d session seq</c></term><description>the peer acknowledged</description></item>
/// <item><term><c>p session epoch online</c></term><description>the peer's connection came (1) or went (0)</description></item>
/// <item><term><c>t session epoch</c></term><description>a newer connection of the same user</description></item>
/// <item><term><c>e session lost</c></term><description>the session is over: ended (0) or lost (1)</description></item>
/// <item><term><c>h session</c></term><description>the peer opened a handshake</description></item>
/// <item><term><c>s session\n body</c></term><description>a signal</description></item>
/// <item><term><c>c -</c></term><description>the pair's handshake was completed or ended: for those who wait for it</description></item>
/// </list>
/// </remarks>
internal static class Publication
{
    /// <summary>Whether a handshake was completed or ended.</summary>
    public static bool IsHandshakeChange(ReadOnlySpan<byte> publication) => publication.StartsWith("c "u8);

    /// <summary>The event for a listener of this session; null: not for it, or not readable.</summary>
    public static SessionEvent? Read(ReadOnlyMemory<byte> publication, SessionId session)
    {
        var end = publication.Span.IndexOf((byte)'\n');
        if (end < 0)
        {
            return null;
        }

        var header = publication.Span[..end];
        if (header.Length < 2 || header[1] is not (byte)' ' || !TakeWord(header[2..], out var id, out var rest) || !IsThis(session, id))
        {
            return null;
        }

        var body = publication[(end + 1)..];
        return header[0] switch
        {
            (byte)'m' => ReadMessages(rest, body),
            (byte)'d' => TakeNumber(rest, out var seq, out _) ? new SessionEvent.Delivered(seq) : null,
            (byte)'p' => TakeNumber(rest, out var epoch, out var online) ? new SessionEvent.PresenceChanged(epoch, online is [(byte)'1', ..]) : null,
            (byte)'t' => TakeNumber(rest, out var epoch, out _) ? new SessionEvent.TakenOver(epoch) : null,
            (byte)'e' => new SessionEvent.SessionOver(rest is [(byte)'1', ..]),
            (byte)'h' => new SessionEvent.HandshakeOpened(),
            (byte)'s' => new SessionEvent.SignalSent(body),
            _ => null,
        };
    }

    private static SessionEvent.MessagesStored? ReadMessages(ReadOnlySpan<byte> header, ReadOnlyMemory<byte> body)
    {
        if (!TakeNumber(header, out var first, out var lengths))
        {
            return null;
        }

        var bodies = new List<ReadOnlyMemory<byte>>();
        while (lengths.Length > 0)
        {
            if (!Utf8Parser.TryParse(lengths, out int length, out var used) || length < 0 || length > body.Length || (used < lengths.Length && lengths[used] is not (byte)','))
            {
                return null;
            }

            bodies.Add(body[..length]);
            body = body[length..];
            lengths = used < lengths.Length ? lengths[(used + 1)..] : [];
        }

        return bodies.Count > 0 ? new SessionEvent.MessagesStored(first, bodies) : null;
    }

    private static bool TakeWord(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> word, out ReadOnlySpan<byte> rest)
    {
        var space = text.IndexOf((byte)' ');
        word = space < 0 ? text : text[..space];
        rest = space < 0 ? [] : text[(space + 1)..];
        return word.Length > 0;
    }

    private static bool TakeNumber(ReadOnlySpan<byte> text, out long number, out ReadOnlySpan<byte> rest)
    {
        number = 0;
        return TakeWord(text, out var word, out rest) && Utf8Parser.TryParse(word, out number, out var used) && used == word.Length;
    }

    private static bool IsThis(SessionId session, ReadOnlySpan<byte> id) => Ascii.Equals(id, session.Hex);
}
