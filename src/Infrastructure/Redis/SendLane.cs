using System.Diagnostics;
using Im.Application.Messaging;
using Im.Domain;
using StackExchange.Redis;

namespace Im.Infrastructure.Redis;

/// <summary>A message that waits for its turn or its answer.</summary>
/// <param name="message">The message.</param>
/// <param name="readAt">When its frame was read, as the clock's timestamp: its deadline counts from there.</param>
/// <remarks>Whoever waits for it goes on at once, in the lane: a thread's turn for each message would cost more than the answer.</remarks>
internal sealed class PendingMessage(OutgoingMessage message, long readAt) : TaskCompletionSource<Result<Accepted>>
{
    public OutgoingMessage Message { get; } = message;

    public long ReadAt { get; } = readAt;

    /// <summary>The span in which it was sent; null while nobody wants any.</summary>
    public Activity? Span { get; } = StoreTelemetry.TracesCalls ? Activity.Current : null;

    public void Answer(Result<Accepted> answer) => TrySetResult(answer);

    public void Fail(Exception failure) => TrySetException(failure);
}

/// <summary>
/// What one connection sends: one call at a time, so that no message overtakes an earlier one; what arrives meanwhile goes
/// together in the next call. Idle, a message is under way at once; busy, round trips become fewer.
/// </summary>
/// <param name="send">Sends a batch, and gets its answer within so much time.</param>
/// <param name="patience">How long a message may take from the moment its frame was read.</param>
/// <param name="clock">By which that is measured.</param>
/// <remarks>How much may wait here is bounded by the connection, which stops reading when too many answers are outstanding.</remarks>
internal sealed class SendLane(Func<IReadOnlyList<PendingMessage>, TimeSpan, Task<Result<RedisResult[]>>> send, TimeSpan patience, TimeProvider clock)
{
    /// <summary>Messages of one call.</summary>
    private const int BatchMessages = 16;

    /// <summary>Bytes of one call, but at least one message.</summary>
    private const int BatchBytes = 64 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<PendingMessage> _waiting = new();
    private State _state = State.Idle;

    private enum State
    {
        Idle,
        Running,
        Finished,
    }

    /// <summary>Where a message was added.</summary>
    public enum Added
    {
        /// <summary>The lane is already running and will come to it.</summary>
        ToRunning,

        /// <summary>The lane was idle: whoever added it runs the lane.</summary>
        ToIdle,

        /// <summary>Nowhere: the lane is finished, another one takes its place.</summary>
        Nowhere,
    }

    public Added Add(PendingMessage message)
    {
        lock (_lock)
        {
            if (_state is State.Finished)
            {
                return Added.Nowhere;
            }

            _waiting.Enqueue(message);
            var added = _state is State.Idle ? Added.ToIdle : Added.ToRunning;
            _state = State.Running;
            return added;
        }
    }

    /// <summary>Sends until nothing waits.</summary>
    public async Task RunAsync()
    {
        while (TakeBatch() is { Count: > 0 } batch)
        {
            try
            {
                if (StoreTelemetry.TracesCalls)
                {
                    // The lane goes on for messages that came after the one which it was begun for.
                    Activity.Current = batch[0].Span;
                }

                var deadline = patience - clock.GetElapsedTime(batch[0].ReadAt);
                Answer(batch, await send(batch, deadline));
            }
            catch (Exception failure)
            {
                // Whoever waits for the answer meets the failure; here it must not end the lane with messages in it.
                WithAllBehind(batch).ForEach(message => message.Fail(failure));
            }
        }
    }

    private List<PendingMessage> TakeBatch()
    {
        lock (_lock)
        {
            var batch = new List<PendingMessage>();
            var bytes = 0;
            while (batch.Count < BatchMessages && _waiting.TryPeek(out var next) && (batch.Count == 0 || bytes + next.Message.Body.Length <= BatchBytes))
            {
                bytes += next.Message.Body.Length;
                batch.Add(_waiting.Dequeue());
            }

            if (batch.Count == 0)
            {
                _state = State.Finished;
            }

            return batch;
        }
    }

    private void Answer(List<PendingMessage> batch, Result<RedisResult[]> reply)
    {
        if (reply.IsOk)
        {
            // The last first: who waits for the first finds them all.
            var first = (string?)reply.Value[0] == "stored" ? (long)reply.Value[1] : (long?)null;
            for (var i = batch.Count - 1; i >= 0; i--)
            {
                batch[i].Answer(first is null
                    ? ReadOutcome((string)reply.Value[1 + (2 * i)]!, (long)reply.Value[2 + (2 * i)])
                    : new Accepted(first.Value + i, IsDuplicate: false));
            }

            return;
        }

        WithAllBehind(batch).ForEach(message => message.Answer(reply.Error));
    }

    /// <summary>What waits behind a failed call shares its answer, unsent: sent later, it would overtake what failed. The last first.</summary>
    private List<PendingMessage> WithAllBehind(List<PendingMessage> failed)
    {
        lock (_lock)
        {
            List<PendingMessage> all = [.. failed, .. _waiting];
            _waiting.Clear();
            all.Reverse();
            return all;
        }
    }

    private static Result<Accepted> ReadOutcome(string outcome, long number) => outcome switch
    {
        "stored" => new Accepted(number, IsDuplicate: false),
        "duplicate" => new Accepted(number, IsDuplicate: true),
        "gap" => Errors.IdGap(number),
        "full" => Errors.QueueFull,
        "mixed" => Errors.MixedIds,
        _ => throw new InvalidOperationException($"enqueue.lua answered {outcome}."),
    };
}
