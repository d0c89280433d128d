using Im.Client;
using Im.IntegrationTests.Cli;
using Im.IntegrationTests.Harness;
using static Microsoft.Playwright.Assertions;

namespace Im.IntegrationTests.Web;

/// <summary>The page talks with the other clients as with itself.</summary>
[Collection(nameof(BrowserSuite))]
public sealed class OtherClientsTests(Chromium browser, GarnetNode garnet) : IClassFixture<GarnetNode>
{
    private const int FromProgram = 700;
    private const int FromPage = 300;

    [Fact]
    public async Task A_node_killed_and_started_again_amid_a_thousand_messages_loses_doubles_and_mixes_none()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await NodeProcess.StartAsync(redis.ConnectionString);
        var (ann, bob) = Pairs.Fresh();
        await using var page = await Person.AtAsync(browser, node.BaseAddress);
        await page.BringTokenAsync(TestNode.Mint(ann));
        await page.StartAsync(bob);
        await using var client = new ImClient(new ImClientOptions { Server = node.BaseAddress }, Account.FromToken(TestNode.Mint(bob)));
        await using var conversation = await client.RendezvousAsync(ann, cancellationToken: TestContext.Current.CancellationToken);
        await page.CanWriteAsync();
        Assert.Equal(conversation.SafetyNumber, await page.SafetyNumberAsync());

        var receiving = ReceiveAsync(conversation);
        var sending = SendAsync(conversation);
        var writing = WriteAsync(page);
        await Eventually.HoldsAsync("a part has arrived on both sides", async () => await CountAsync(page, "theirs") > FromProgram / 5 && await CountAsync(page, "mine") > FromPage / 10, 4 * Eventually.Deadline);
        await node.KillAsync();
        await node.RestartAsync();

        await sending;
        await writing;
        Assert.Equal(Texts("page", FromPage), await receiving);
        await Eventually.HoldsAsync("everything is shown", async () => await CountAsync(page, "theirs") >= FromProgram, 4 * Eventually.Deadline);
        await Expect(page.Marks("delivered")).ToHaveCountAsync(FromPage);
        var shown = await page.SaidAsync();
        Assert.Equal(Texts("program", FromProgram), shown.Where(text => text.StartsWith("program", StringComparison.Ordinal)));
        Assert.Equal(Texts("page", FromPage), shown.Where(text => text.StartsWith("page", StringComparison.Ordinal)));
        Assert.Equal(FromProgram + FromPage, shown.Length);
        await Expect(page.Warnings).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task The_terminal_client_talks_to_the_browser()
    {
        var (ann, bob) = Pairs.Fresh();
        await using var page = await Person.AtAsync(browser, garnet.Node.BaseAddress);
        await page.BringTokenAsync(TestNode.Mint(ann));
        await page.StartAsync(bob);
        using var user = new ToolUser(garnet.Node.BaseAddress, bob);
        await using var tool = user.Run("send", $"{ann}", "--json");
        await page.CanWriteAsync();

        await tool.Input.WriteAsync("From the terminal, 你好\n");
        await tool.Input.FlushAsync(TestContext.Current.CancellationToken);
        await page.SeesAsync("From the terminal, 你好");
        await page.SayAsync("From the browser");
        await tool.PrintsAsync("From the browser");

        Assert.Contains(tool.Lines, line => line.Contains("safety_number", StringComparison.Ordinal));
        Assert.Contains(await page.SafetyNumberAsync(), string.Join('\n', tool.Lines), StringComparison.Ordinal);
        await Expect(page.Marks("delivered")).ToHaveCountAsync(1);
    }

    private static string[] Texts(string who, int count) => [.. Enumerable.Range(1, count).Select(number => $"{who} {number}")];

    private static Task<int> CountAsync(Person page, string whose) => page.Page.Locator($".said.{whose}").CountAsync();

    private static async Task SendAsync(Conversation conversation)
    {
        foreach (var text in Texts("program", FromProgram))
        {
            await conversation.SendAsync(text, TestContext.Current.CancellationToken);
        }
    }

    private static async Task WriteAsync(Person page)
    {
        foreach (var text in Texts("page", FromPage))
        {
            await page.SayAsync(text);
        }
    }

    private static async Task<List<string>> ReceiveAsync(Conversation conversation)
    {
        var texts = new List<string>();
        await foreach (var item in conversation.ReceiveAsync(TestContext.Current.CancellationToken))
        {
            texts.Add(Assert.IsType<ReceivedMessage>(item).Text);
            if (texts.Count == FromPage)
            {
                break;
            }
        }

        return texts;
    }
}
