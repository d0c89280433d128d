using Im.Application.Messaging;
using Im.Domain;

namespace Im.WebApi.Messaging;

/// <summary>What became, or will become, of one frame of the client's. Answers go out in the order in which the frames came.</summary>
/// <param name="Call">The store's answer to a message; null where the frame is answered by <paramref name="Frame"/>.</param>
/// <param name="Id">The message's id.</param>
/// <param name="Frame">The finished answer; null where another one is awaited.</param>
internal sealed record Answer(Task<Result<Accepted>>? Call, long? Id, byte[]? Frame)
{
    /// <summary>The answer to what is no message and takes its time; null where there is none.</summary>
    public Task<byte[]>? Told { get; init; }

    public bool IsCompleted => Awaited is null || Awaited.IsCompleted;

    private Task? Awaited => (Task?)Call ?? Told;

    /// <summary>Calls back once, when it is completed; at once if it is.</summary>
    public void WhenCompleted(Action then)
    {
        if (IsCompleted)
        {
            then();
        }
        else
        {
            Awaited!.GetAwaiter().UnsafeOnCompleted(then);
        }
    }

    public override string ToString() => nameof(Answer);
}

/// <summary>What a connection's writer does next.</summary>
internal readonly record struct OutgoingItem
{
    public enum Kind
    {
        Nothing,

        /// <summary>Write <see cref="Body"/> as it is.</summary>
        Frame,

        /// <summary>Write <see cref="Body"/>, a message, with <see cref="Seq"/>.</summary>
        Message,

        /// <summary>Write what <see cref="Reply"/> says.</summary>
        Answer,

        /// <summary>Read the queue from <see cref="Seq"/> on.</summary>
        Page,
    }

    public Kind Type { get; private init; }

    public ReadOnlyMemory<byte> Body { get; private init; }

    public long Seq { get; private init; }

    /// <summary>With an answer: the one whose turn is next, to be waited for; null: there is none yet.</summary>
    public Answer? Next { get; private init; }

    /// <summary>With a page: what the store is known to have given when it is asked for.</summary>
    public long Known { get; private init; }

    public Answer? Reply { get; private init; }

    public static OutgoingItem Nothing => default;

    public static OutgoingItem Frame(ReadOnlyMemory<byte> frame) => new() { Type = Kind.Frame, Body = frame };

    public static OutgoingItem Message(long seq, ReadOnlyMemory<byte> body) => new() { Type = Kind.Message, Body = body, Seq = seq };

    public static OutgoingItem Answered(Answer answer, Answer? next) => new() { Type = Kind.Answer, Reply = answer, Next = next };

    public static OutgoingItem Page(long from, long known) => new() { Type = Kind.Page, Seq = from, Known = known };

    public override string ToString() => $"OutgoingItem {Type}";
}
