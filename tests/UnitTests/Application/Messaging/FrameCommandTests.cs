using Im.Application.Messaging;
using Im.Domain;
using Im.UnitTests.Domain;
using NSubstitute;

namespace Im.UnitTests.Application.Messaging;

/// <summary>The commands of a connected user: one call of one port each.</summary>
public sealed class FrameCommandTests
{
    private static readonly Attachment Connection = Attachment.Of(new Session(Some.AnnAndBob, SessionId.Generate()), Some.Ann, 1);
    private static readonly ReadOnlyMemory<byte> Body = "secret"u8.ToArray();

    [Fact]
    public async Task A_message_goes_to_the_queue_and_its_place_comes_back()
    {
        var queue = Substitute.For<IMessageQueue>();
        var message = new OutgoingMessage(7, Body);
        queue.EnqueueAsync(Connection, message, TestContext.Current.CancellationToken).Returns(new Accepted(7, IsDuplicate: false));

        var accepted = await new SendMessageHandler(queue).Handle(new SendMessage(Connection, message), TestContext.Current.CancellationToken);

        Assert.Equal(new Accepted(7, IsDuplicate: false), accepted.Value);
    }

    [Fact]
    public async Task An_acknowledgement_goes_to_the_queue_of_who_gives_it()
    {
        var queue = Substitute.For<IMessageQueue>();
        queue.AcknowledgeAsync(Connection, 17, TestContext.Current.CancellationToken).Returns(Errors.AcknowledgedBeyond);

        var answer = await new AcknowledgeHandler(queue).Handle(new Acknowledge(Connection, 17), TestContext.Current.CancellationToken);

        Assert.Equal(Errors.AcknowledgedBeyond, answer.Error);
    }

    [Fact]
    public async Task A_signal_goes_to_the_peer_past_the_queue()
    {
        var events = Substitute.For<ISessionEvents>();
        events.SignalAsync(Connection, Body, TestContext.Current.CancellationToken).Returns(new Done());

        Assert.True((await new SendSignalHandler(events).Handle(new SendSignal(Connection, Body), TestContext.Current.CancellationToken)).IsOk);
    }

    [Fact]
    public void Commands_that_carry_a_payload_print_nothing_of_it()
    {
        Assert.Equal("SendMessage", new SendMessage(Connection, new OutgoingMessage(7, Body)).ToString());
        Assert.Equal("SendSignal", new SendSignal(Connection, Body).ToString());
    }
}
