using Im.Application.Messaging;
using Im.Domain;
using Im.Infrastructure.Redis;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace Im.UnitTests.Infrastructure.Redis;

public sealed class SendLaneTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Patience = new StoreDeadlines().Call;

    private readonly FakeTimeProvider _clock = new();
    private readonly List<Call> _calls = [];
    private readonly SendLane _lane;
    private Task _running = Task.CompletedTask;

    public SendLaneTests() => _lane = new SendLane(
        (batch, deadline) =>
        {
            _calls.Add(new Call(batch, deadline));
            return _calls[^1].Reply.Task;
        },
        Patience,
        _clock);

    [Fact]
    public async Task An_idle_lane_sends_at_once()
    {
        var message = Add(1);

        Assert.Equal([1], _calls.Single().Ids);
        _calls[0].Answer("stored", 41);
        Assert.Equal(new Accepted(41, IsDuplicate: false), (await Answer(message)).Value);
        await _running.WaitAsync(Limit);
    }

    [Fact]
    public async Task Where_all_of_a_call_are_stored_the_store_says_the_first_number_only()
    {
        var first = Add(1);
        var second = Add(2);
        var third = Add(3);
        _calls[0].Answer("stored", 6);
        await NextCall(2);
        _calls[1].Reply.SetResult((RedisResult[])[RedisResult.Create("stored", ResultType.SimpleString), RedisResult.Create(7)]);

        Assert.Equal(6, (await Answer(first)).Value.Seq);
        Assert.Equal(7, (await Answer(second)).Value.Seq);
        Assert.Equal(8, (await Answer(third)).Value.Seq);
    }

    [Fact]
    public async Task Who_waits_for_the_first_answer_of_a_call_finds_them_all()
    {
        Add(1);
        PendingMessage[] behind = [Add(2), Add(3), Add(4)];
        var found = -1;
        behind[0].Task.GetAwaiter().OnCompleted(() => found = behind.Count(message => message.Task.IsCompleted));
        _calls[0].Answer("stored", 1);
        await NextCall(2);
        _calls[1].AnswerAll();
        await _running.WaitAsync(Limit);

        Assert.Equal(3, found);
    }

    [Fact]
    public async Task What_comes_while_a_call_is_under_way_goes_together_in_the_next_in_order()
    {
        Add(1);
        Add(2);
        Add(3);
        Assert.Single(_calls);

        _calls[0].Answer("stored", 1);
        await NextCall(2);

        Assert.Equal([2, 3], _calls[1].Ids);
    }

    [Fact]
    public async Task A_call_takes_sixteen_messages_and_leaves_the_rest_for_the_next()
    {
        for (var id = 1; id <= 20; id++)
        {
            Add(id);
        }

        _calls[0].Answer("stored", 1);
        await NextCall(2);
        Assert.Equal(Enumerable.Range(2, 16).Select(id => (long)id), _calls[1].Ids);
        _calls[1].AnswerAll();
        await NextCall(3);
        Assert.Equal([18, 19, 20], _calls[2].Ids);
    }

    [Fact]
    public async Task A_call_takes_64_KiB_but_at_least_one_message()
    {
        Add(1);
        Add(2, bytes: 40 * 1024);
        Add(3, bytes: 24 * 1024);
        Add(4, bytes: 1);
        Add(5, bytes: 70 * 1024);

        _calls[0].AnswerAll();
        await NextCall(2);
        Assert.Equal([2, 3], _calls[1].Ids);
        _calls[1].AnswerAll();
        await NextCall(3);
        Assert.Equal([4], _calls[2].Ids);
        _calls[2].AnswerAll();
        await NextCall(4);
        Assert.Equal([5], _calls[3].Ids);
    }

    [Fact]
    public async Task Each_message_gets_its_own_outcome()
    {
        var messages = Enumerable.Range(1, 6).Select(id => Add(id)).ToList();
        _calls[0].AnswerAll();
        await NextCall(2);

        _calls[1].Answer("stored", 5, "duplicate", 3, "gap", 6, "full", 0, "mixed", 0);

        Assert.Equal(new Accepted(5, IsDuplicate: false), (await Answer(messages[1])).Value);
        Assert.Equal(new Accepted(3, IsDuplicate: true), (await Answer(messages[2])).Value);
        Assert.Equal((ErrorCode.IdGap, 6L), ((await Answer(messages[3])).Error!.Code, (await Answer(messages[3])).Error!.Expected));
        Assert.Equal(Errors.QueueFull, (await Answer(messages[4])).Error);
        Assert.Equal(Errors.MixedIds, (await Answer(messages[5])).Error);
    }

    [Fact]
    public async Task What_waits_behind_a_failed_call_is_answered_the_same_at_once_and_never_sent()
    {
        var messages = Enumerable.Range(1, 40).Select(id => Add(id)).ToList();

        _calls[0].Reply.SetResult(Errors.StoreUnavailable);

        foreach (var message in messages)
        {
            Assert.Equal(Errors.StoreUnavailable, (await Answer(message)).Error);
        }

        await _running.WaitAsync(Limit);
        Assert.Single(_calls);
    }

    [Fact]
    public async Task What_waits_behind_a_faulted_call_meets_the_fault_and_is_never_sent()
    {
        var (first, second) = (Add(1), Add(2));

        _calls[0].Reply.SetException(new InvalidOperationException("A bug."));

        await Assert.ThrowsAsync<InvalidOperationException>(() => Answer(first));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Answer(second));
        await _running.WaitAsync(Limit);
        Assert.Single(_calls);
    }

    [Fact]
    public async Task An_answer_that_makes_no_sense_leaves_nobody_waiting()
    {
        var message = Add(1);

        _calls[0].Answer("what", 1);

        await Assert.ThrowsAsync<InvalidOperationException>(() => Answer(message));
        await _running.WaitAsync(Limit);
    }

    [Fact]
    public async Task The_deadline_counts_from_when_the_oldest_frame_of_the_call_was_read()
    {
        Add(1);
        Assert.Equal(Patience, _calls[0].Deadline);
        Add(2);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Add(3);

        _calls[0].AnswerAll();
        await NextCall(2);

        Assert.Equal(Patience - TimeSpan.FromSeconds(1), _calls[1].Deadline);
    }

    [Fact]
    public async Task A_finished_lane_takes_nothing_more()
    {
        Add(1);
        _calls[0].AnswerAll();
        await _running.WaitAsync(Limit);

        Assert.Equal(SendLane.Added.Nowhere, _lane.Add(Pending(2)));
    }

    private static Task<Result<Accepted>> Answer(PendingMessage message) => message.Task.WaitAsync(Limit);

    private PendingMessage Pending(long id, int bytes = 1) => new(new OutgoingMessage(id, new byte[bytes]), _clock.GetTimestamp());

    private PendingMessage Add(long id, int bytes = 1)
    {
        var message = Pending(id, bytes);
        if (_lane.Add(message) is SendLane.Added.ToIdle)
        {
            _running = _lane.RunAsync();
        }

        return message;
    }

    /// <summary>The lane may go on in another thread.</summary>
    private async Task NextCall(int number)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (_calls.Count < number)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private sealed record Call(IReadOnlyList<PendingMessage> Batch, TimeSpan Deadline)
    {
        public TaskCompletionSource<Result<RedisResult[]>> Reply { get; } = new();

        public IEnumerable<long> Ids => Batch.Select(message => message.Message.Id!.Value);

        /// <summary>What the script answers: an outcome and a number for each message.</summary>
        public void Answer(params object[] outcomes) => Reply.SetResult(
            (RedisResult[])[RedisResult.Create("ok", ResultType.SimpleString), .. outcomes.Select(part => RedisResult.Create(part is string text ? (RedisValue)text : (int)part))]);

        public void AnswerAll() => Answer([.. Batch.SelectMany(message => new object[] { "stored", (int)message.Message.Id!.Value })]);
    }
}
