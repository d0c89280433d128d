using System.Text.RegularExpressions;
using Im.Client;

namespace Im.UnitTests.Client;

/// <summary>The conversation in the package's README is what is compiled here.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public void The_first_conversation_of_the_README_is_the_one_that_compiles()
    {
        var readme = Repository.Read("clients", "dotnet", "Im.Client", "README.md");
        var sample = Repository.Read("tests", "UnitTests", "Client", "ReadmeTests.cs");

        var shown = CSharp().Match(readme).Groups[1].Value;
        var compiled = Compiled().Match(sample).Groups[1].Value;
        Assert.NotEmpty(compiled);
        Assert.NotNull((Func<string, long, Task>)TalkAsync);
        Assert.Equal(Unindented(compiled), Unindented(shown.Replace("using Im.Client;\n", "", StringComparison.Ordinal)));
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharp();

    [GeneratedRegex("        // begin\n(.*?)\n        // end\n", RegexOptions.Singleline)]
    private static partial Regex Compiled();

    private static string Unindented(string text) => string.Join('\n', text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    private static async Task TalkAsync(string password, long peerId)
    {
        // begin
        var options = new ImClientOptions { Server = new Uri("http://localhost:8083") };
        await using var me = await ImClient.LogInAsync(options, "ann", password);
        await using var talk = await me.RendezvousAsync(peerId);
        Console.WriteLine($"Compare with your peer, say by phone: {talk.SafetyNumber}");
        await talk.SendAsync("hello");
        await foreach (var item in talk.ReceiveAsync())
        {
            Console.WriteLine(item is ReceivedMessage message ? message.Text : $"Beware: {item}");
        }

        // end
    }
}
