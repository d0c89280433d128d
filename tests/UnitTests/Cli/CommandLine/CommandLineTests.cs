using System.CommandLine;
using Im.Cli.CommandLine;
using Im.Cli.Output;

namespace Im.UnitTests.Cli.CommandLine;

public sealed class CommandLineTests
{
    private readonly Dictionary<string, string> _environment = [];

    [Theory]
    [InlineData("http://localhost:8083", "http://localhost:8083/")]
    [InlineData("HTTPS://Im.Example.com/relay", "https://im.example.com/relay/")]
    [InlineData("https://im.example.com/relay/", "https://im.example.com/relay/")]
    public void A_server_has_one_form_however_it_is_written(string text, string expected) => Assert.Equal(expected, ServerAddress.Parse(text)!.AbsoluteUri);

    [Theory]
    [InlineData("localhost:8083")]
    [InlineData("ftp://im.example.com")]
    [InlineData("https://ann:secret@im.example.com")]
    [InlineData("https://im.example.com/?token=x")]
    [InlineData("https://im.example.com/#x")]
    [InlineData("/relay")]
    [InlineData("")]
    public void What_is_no_base_address_is_refused(string text) => Assert.Null(ServerAddress.Parse(text));

    [Theory]
    [InlineData("http://im.example.com/", true)]
    [InlineData("https://im.example.com/", false)]
    [InlineData("http://localhost:8083/", false)]
    [InlineData("http://[::1]:8083/", false)]
    public void Plain_http_beyond_this_machine_is_exposed(string server, bool expected) => Assert.Equal(expected, ServerAddress.IsExposed(new Uri(server)));

    [Fact]
    public void The_server_is_that_of_the_option_else_of_the_environment_else_this_machine()
    {
        Assert.Equal("http://localhost:8083/", Server("end", "5"));
        _environment["IM_SERVER"] = "";
        Assert.Equal("http://localhost:8083/", Server("end", "5"));
        _environment["IM_SERVER"] = "https://one.example.com";
        Assert.Equal("https://one.example.com/", Server("end", "5"));
        Assert.Equal("https://two.example.com/", Server("end", "5", "--server", "https://two.example.com"));
        Assert.Equal("https://two.example.com/", Server("--server", "https://two.example.com", "end", "5"));
    }

    [Fact]
    public void The_token_is_that_of_the_option_else_of_the_environment()
    {
        Assert.Null(Parse("end", "5").GetValue<string?>("--token"));
        _environment["IM_TOKEN"] = "a.b.c";
        Assert.Equal("a.b.c", Parse("end", "5").GetValue<string?>("--token"));
        Assert.Equal("d.e.f", Parse("end", "5", "--token", "d.e.f").GetValue<string?>("--token"));
    }

    [Theory]
    [InlineData("send", "1")]
    [InlineData("chat", "9007199254740991")]
    [InlineData("receive", "5", "--count", "1000", "--json", "--wait", "86400")]
    [InlineData("chat", "5", "--server-key")]
    [InlineData("register", "ann", "ann@example.com", "--password-stdin")]
    [InlineData("login", "@ann", "--password-stdin")]
    [InlineData("logout")]
    public void What_makes_sense_is_taken(params string[] words) => Assert.Empty(Parse(words).Errors);

    [Theory]
    [InlineData]
    [InlineData("send")]
    [InlineData("send", "0")]
    [InlineData("send", "-1")]
    [InlineData("send", "+1")]
    [InlineData("send", "9007199254740992")]
    [InlineData("send", "bob")]
    [InlineData("send", "5", "6")]
    [InlineData("send", "5", "--wait", "0")]
    [InlineData("send", "5", "--wait", "86401")]
    [InlineData("receive", "5", "--count", "0")]
    [InlineData("send", "5", "--count", "1")]
    [InlineData("end", "5", "--server-key")]
    [InlineData("login", "ann", "--password", "secret")]
    [InlineData("login", "ann", "--token", "a.b.c")]
    [InlineData("logout", "--server", "localhost")]
    public async Task What_makes_no_sense_is_a_usage_error(params string[] words)
    {
        Assert.NotEmpty(Parse(words).Errors);
        using var signals = new Signals();
        Assert.Equal(ExitCode.Usage, await new Tool(_environment.GetValueOrDefault, "/nonexistent", signals).RunAsync(words));
    }

    private string Server(params string[] words) => Parse(words).GetRequiredValue<Uri?>("--server")!.AbsoluteUri;

    private ParseResult Parse(params string[] words)
    {
        using var signals = new Signals();
        return new Tool(_environment.GetValueOrDefault, "/nonexistent", signals).Parse(words);
    }
}
