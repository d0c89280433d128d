using System.Text;
using Im.Application.Messaging;
using Im.Domain;
using Im.UnitTests.Application.Messaging;
using Im.UnitTests.Domain;
using Im.WebApi.Messaging;

namespace Im.UnitTests.WebApi.Messaging;

/// <summary>Ann's connection to her session with Bob.</summary>
internal static class Talk
{
    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1_900_000_000_000);

    public static readonly Session Session = new(Some.AnnAndBob, SessionId.Parse("0123456789abcdef0123456789abcdef").Value);

    public static readonly Attachment Ann = Attachment.Of(Session, Some.Ann, 3);

    /// <summary>That connection, or the same to another one whom she talks to.</summary>
    public static Attached Attached(SessionProgress? progress = null, PairKey? pair = null) =>
        new(pair is null ? Ann : Attachment.Of(new Session(pair, Session.Id), Some.Ann, Ann.Epoch), progress ?? Progress.None);

    /// <summary>Ann's pairs with others, so many in every slot.</summary>
    public static IEnumerable<PairKey> PairsInEverySlot(int perSlot)
    {
        var found = new int[Connections.Slots];
        for (var (other, left) = (Some.Ann.Number + 1, perSlot * Connections.Slots); left > 0; other++)
        {
            var pair = PairKey.Of(Some.Ann, UserId.Of(other).Value).Value;
            if (found[Connections.SlotOf(pair)]++ < perSlot)
            {
                left--;
                yield return pair;
            }
        }
    }

    /// <summary>The publication of messages <paramref name="first"/> … <paramref name="last"/>.</summary>
    public static SessionEvent.MessagesStored Stored(long first, long last) => new(first, Bodies(first, last));

    /// <summary>A page of the queue.</summary>
    public static QueuePage Page(long first, long last, long lastSeq) => new(first, Bodies(first, last), lastSeq);

    /// <summary>A message that says its seq.</summary>
    public static byte[] Body(long seq) => Encoding.UTF8.GetBytes($"message {seq}");

    private static List<ReadOnlyMemory<byte>> Bodies(long first, long last)
    {
        List<ReadOnlyMemory<byte>> bodies = [];
        for (var seq = first; seq <= last; seq++)
        {
            bodies.Add(Body(seq));
        }

        return bodies;
    }

    /// <summary>Everything there is to say, as text, until nothing is left or the queue is to be read.</summary>
    public static List<string> Say(this Outgoing outgoing, bool answersOnly = false)
    {
        List<string> said = [];
        while (outgoing.Take(answersOnly) is { Type: not OutgoingItem.Kind.Nothing } item)
        {
            said.Add(item.Type is OutgoingItem.Kind.Frame or OutgoingItem.Kind.Message ? Encoding.UTF8.GetString(item.Body.Span) : item.Type.ToString());
            if (item.Type is OutgoingItem.Kind.Page)
            {
                break;
            }
        }

        return said;
    }
}
