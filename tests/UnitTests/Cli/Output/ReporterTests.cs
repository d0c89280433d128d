using System.Text;
using System.Text.Json;
using Im.Cli.Output;
using Im.Client;

namespace Im.UnitTests.Cli.Output;

public sealed class ReporterTests : IDisposable
{
    private const string Hostile = "\e[2Jhello\nim: all is well";

    private readonly MemoryStream _output = new();
    private readonly StringWriter _errors = new() { NewLine = "\n" };

    private string Output => Encoding.UTF8.GetString(_output.ToArray());

    public static TheoryData<object, string> Lines => new()
    {
        { new MessageReport(10, 3, "a \"b\" 中 <`\u009b"), """{"type":"message","from":10,"id":3,"text":"a \"b\" 中 <`\u009B"}""" },
        { new SentReport(3), """{"type":"sent","id":3}""" },
        { new DeliveredReport(3), """{"type":"delivered","id":3}""" },
        { new WithheldReport(new WithheldMessages(4, 5)), """{"type":"withheld","first_id":4,"last_id":5}""" },
        { new RefusedReport(new RefusedMessage(4, RefusalReason.Tampered)), """{"type":"refused","id":4,"reason":"tampered"}""" },
        { new RefusedReport(new RefusedMessage(null, RefusalReason.Reordered)), """{"type":"refused","reason":"reordered"}""" },
        { new PresenceReport(10, true), """{"type":"presence","user_id":10,"online":true}""" },
        { new TypingReport(10, false), """{"type":"typing","user_id":10,"typing":false}""" },
        { new SafetyNumberReport("1 2"), """{"type":"safety_number","number":"1 2"}""" },
        { new ServerKeyReport(true), """{"type":"server_key","server_could_read":true,"key_is_short":true}""" },
        { new StateReport(new(ConversationStatus.Connected), null), """{"type":"state","state":"connected"}""" },
        {
            new StateReport(new(ConversationStatus.Reconnecting, new ImException(ImErrorKind.ServerUnavailable, "Away.")), TimeSpan.FromSeconds(1.5)),
            """{"type":"state","state":"reconnecting","reason":"server_unavailable","next_try_in_ms":1500}"""
        },
        {
            new WaitingReport(10, TimeSpan.FromSeconds(9.2), new(RendezvousStep.WaitingForPeer)),
            """{"type":"state","state":"waiting","step":"waiting_for_peer","seconds_left":10}"""
        },
        {
            new SendingReport(new SendingPaused(new ImException(ImErrorKind.QueueFull, "Full."), default)),
            """{"type":"sending","paused":true,"reason":"queue_full"}"""
        },
        { new AccountReport(9, DateTimeOffset.FromUnixTimeMilliseconds(5)), """{"type":"account","id":9,"expires_at":5}""" },
        {
            Failure.Of(new ImException(ImErrorKind.RateLimited, "Wait.") { Code = 42900, RetryAfter = TimeSpan.FromSeconds(3) }),
            """{"type":"error","kind":"rate_limited","message":"Wait.","exit_code":6,"code":42900,"retry_after":3}"""
        },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void Each_report_is_one_line_of_json(object report, string line)
    {
        Reporter(json: true).Tell((Report)report);

        Assert.Equal(line + "\n", Output);
        JsonElement.Parse(line);
    }

    [Fact]
    public void Into_a_pipe_a_text_goes_unchanged()
    {
        Reporter().Tell(new MessageReport(10, 1, Hostile));

        Assert.Equal(Hostile + "\n", Output);
    }

    [Fact]
    public void On_a_terminal_a_text_can_neither_move_the_cursor_nor_begin_a_line()
    {
        Reporter(terminal: true).Tell(new MessageReport(10, 1, Hostile));

        Assert.Equal("␛[2Jhello␊im: all is well\n", Output);
    }

    [Fact]
    public void What_the_server_says_in_an_error_cannot_steer_the_terminal()
    {
        Reporter().Tell(Failure.Of(new ImException(ImErrorKind.NotPermitted, "No.\e[2J")));

        Assert.Equal("im: No.␛[2J\n", _errors.ToString());
    }

    [Fact]
    public void An_error_is_said_on_the_error_stream_also_beside_json()
    {
        Reporter(json: true).Tell(Failure.Of(new ImException(ImErrorKind.NotPermitted, "No.")));
        Reporter(json: true).Tell(new SafetyNumberReport("1 2"));

        Assert.Equal("im: No.\n", _errors.ToString());
    }

    [Fact]
    public void A_message_that_nobody_reads_is_not_taken_for_read() =>
        Assert.Equal("output_closed", Assert.Throws<ToolException>(() => new Reporter(new ClosedPipe(), _errors, false, false).Tell(new MessageReport(10, 1, "x"))).Kind);

    [Fact]
    public void A_message_prints_without_its_text() => Assert.DoesNotContain("secret", new MessageReport(10, 1, "secret").ToString(), StringComparison.Ordinal);

    public void Dispose()
    {
        _output.Dispose();
        _errors.Dispose();
    }

    private Reporter Reporter(bool json = false, bool terminal = false) => new(_output, _errors, json, terminal);

    private sealed class ClosedPipe : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("Broken pipe");

        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("Broken pipe");
    }
}
