using System.Collections.Concurrent;
using Im.Application.Messaging;
using Im.Domain;
using Im.Infrastructure.Redis;
using Im.UnitTests.Domain;
using StackExchange.Redis;

namespace Im.UnitTests.Infrastructure.Redis;

/// <summary>Many threads add to one connection's lane, and lanes follow each other as the queue lets them.</summary>
public sealed class SendLaneRaceTests
{
    private const int Adders = 4, MessagesEach = 2000;

    private static readonly Attachment Ann = Attachment.Of(new Session(Some.AnnAndBob, SessionId.Generate()), Some.Ann, 1);

    private readonly ConcurrentDictionary<Attachment, SendLane> _lanes = new();
    private readonly List<long> _sent = [];
    private int _underWay;
    private int _mostUnderWay;

    [Fact]
    public async Task Every_message_is_sent_once_in_its_adders_order_by_one_call_at_a_time()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, Adders).Select(adder => Task.Run(() => AddAll(adder)))).WaitAsync(TimeSpan.FromMinutes(1));

        Assert.All(answers.SelectMany(answer => answer), answer => Assert.True(answer.IsOk));
        Assert.Equal(1, _mostUnderWay);
        Assert.All(
            Enumerable.Range(0, Adders),
            adder => Assert.Equal(
                Enumerable.Range(0, MessagesEach).Select(i => Id(adder, i)),
                _sent.Where(id => id / MessagesEach == adder)));
    }

    private static long Id(int adder, int i) => ((long)adder * MessagesEach) + i;

    private async Task<Result<Accepted>[]> AddAll(int adder)
    {
        var answers = new Task<Result<Accepted>>[MessagesEach];
        for (var i = 0; i < MessagesEach; i++)
        {
            answers[i] = Enqueue(Id(adder, i));
            if (i % 7 == 0)
            {
                await answers[i]; // So that the lane now and then runs empty.
            }
        }

        return await Task.WhenAll(answers);
    }

    private Task<Result<Accepted>> Enqueue(long id)
    {
        var message = new PendingMessage(new OutgoingMessage(id, new byte[1]), TimeProvider.System.GetTimestamp());
        while (true)
        {
            var lane = _lanes.GetOrAdd(Ann, _ => new SendLane(SendAsync, new StoreDeadlines().Call, TimeProvider.System));
            switch (lane.Add(message))
            {
                case SendLane.Added.ToRunning:
                    return message.Task;
                case SendLane.Added.ToIdle:
                    _ = RunAsync(lane);
                    return message.Task;
            }
        }
    }

    private async Task RunAsync(SendLane lane)
    {
        await lane.RunAsync();
        _lanes.TryRemove(KeyValuePair.Create(Ann, lane));
    }

    private async Task<Result<RedisResult[]>> SendAsync(IReadOnlyList<PendingMessage> batch, TimeSpan deadline)
    {
        _mostUnderWay = Math.Max(_mostUnderWay, Interlocked.Increment(ref _underWay));
        await Task.Yield();
        _sent.AddRange(batch.Select(message => message.Message.Id!.Value));
        Interlocked.Decrement(ref _underWay);
        return (RedisResult[])[Part("ok"), .. batch.SelectMany(message => new[] { Part("stored"), Part(message.Message.Id!.Value) })];
    }

    private static RedisResult Part(RedisValue value) => RedisResult.Create(value);
}
