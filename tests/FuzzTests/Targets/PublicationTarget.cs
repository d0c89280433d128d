using System.Globalization;
using System.Text;
using Im.Application.Messaging;
using Im.Domain;
using Im.FuzzTests.Engine;
using Im.Infrastructure.Redis;

namespace Im.FuzzTests.Targets;

/// <summary>What is published for a connection: whoever can publish in the store can write anything there.</summary>
internal sealed class PublicationTarget : FuzzTarget
{
    private static readonly SessionId Own = SessionId.Parse("0123456789abcdef0123456789abcdef").Value;

    public override string Name => "publication";

    public override IReadOnlyList<byte[]> Words { get; } =
        [.. new[] { $"m {Own.Hex} ", $"d {Own.Hex} ", $"p {Own.Hex} ", $"t {Own.Hex} ", $"e {Own.Hex} ", $"h {Own.Hex}\n", $"s {Own.Hex}\n", "c -\n", " ", ",", "\n", "1,", "0,", "-", Own.Hex }.Select(Encoding.UTF8.GetBytes)];

    public override long MaxAllocated(int length) => 4_096 + (200L * length);

    public override int Run(byte[] input)
    {
        var read = Publication.Read(input, Own);
        if (read is null)
        {
            return Publication.IsHandshakeChange(input) ? 1 : 0;
        }

        var text = Encoding.Latin1.GetString(input);
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        var words = text[..end].Split(' ');
        Holds(words[1] == Own.Hex, "It is heard by another session.");
        return read switch
        {
            SessionEvent.MessagesStored stored => Messages(stored, words, text[(end + 1)..]),
            SessionEvent.Delivered delivered => Number(2, delivered.Seq, words),
            SessionEvent.PresenceChanged presence => Number(presence.Online ? 3 : 4, presence.Epoch, words),
            SessionEvent.TakenOver taken => Number(5, taken.Epoch, words),
            SessionEvent.SessionOver over => over.Lost ? 6 : 7,
            SessionEvent.HandshakeOpened => 8,
            SessionEvent.SignalSent signal => Signal(signal, text[(end + 1)..]),
            _ => throw new FuzzFinding("There is no such event."),
        };
    }

    private static int Messages(SessionEvent.MessagesStored stored, string[] words, string body)
    {
        var bodies = string.Concat(stored.Bodies.Select(one => Encoding.Latin1.GetString(one.Span)));
        Holds(body.StartsWith(bodies, StringComparison.Ordinal), "The bodies are not what was published, one after the other.");
        Holds(stored.LastSeq - stored.FirstSeq + 1 == stored.Bodies.Count && stored.Bodies.Count > 0, "The seqs do not number the bodies.");
        Holds(stored.Bodies.Count <= words[3].Length, "There are more bodies than lengths.");
        return Number(9 + (Math.Min(stored.Bodies.Count, 5) * 16), stored.FirstSeq, words);
    }

    private static int Signal(SessionEvent.SignalSent signal, string body)
    {
        Holds(Encoding.Latin1.GetString(signal.Body.Span) == body, "The signal is not what was published.");
        return body.Length == 0 ? 10 : 11;
    }

    private static int Number(int outcome, long number, string[] words)
    {
        Holds(long.TryParse(words[2], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var written) && written == number, "It is another number.");
        return outcome + (number < 0 ? 1000 : 0);
    }
}
