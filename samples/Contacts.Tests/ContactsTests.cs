using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using Im.Client;

namespace Contacts.Tests;

/// <summary>The rule over real sockets, as a client meets it.</summary>
public sealed class ContactsTests(ContactsNode node) : IClassFixture<ContactsNode>
{
    private const int Refused = 40300, NoSession = 40301, ForeignPage = 40303, Faulty = 40000, Unauthenticated = 40100, StoreUnavailable = 50300;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Strangers_get_no_key_no_session_and_no_socket()
    {
        await using var ann = await node.RegisterAsync();
        await using var bob = await node.RegisterAsync();

        Assert.Equal(Refused, await AskForKeyAsync(ann, bob));
        Assert.Equal(NoSession, (await node.CallAsync(ann, HttpMethod.Get, $"/im/sessions/{bob.UserId}")).Code);

        // Again where the store was late, as it may be on a busy machine.
        var status = StoreUnavailable / 100;
        for (var attempt = 0; attempt < 10 && status == StoreUnavailable / 100; attempt++)
        {
            using var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Authorization", $"Bearer {ann.Account.Token}");
            socket.Options.CollectHttpResponseDetails = true;
            await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new Uri($"ws://{node.Address.Authority}/im/ws?to_user_id={bob.UserId}"), Cancelled));
            status = (int)socket.HttpStatusCode;
        }

        Assert.Equal(NoSession / 100, status);
    }

    [Fact]
    public async Task A_contact_on_one_side_is_not_enough()
    {
        await using var ann = await node.RegisterAsync();
        await using var bob = await node.RegisterAsync();
        await node.AddAsync(ann, bob.UserId);

        Assert.Equal(Refused, await AskForKeyAsync(ann, bob));
        Assert.Equal(Refused, await AskForKeyAsync(bob, ann));
    }

    [Fact]
    public async Task Who_have_each_other_as_contacts_talk()
    {
        await using var ann = await node.RegisterAsync();
        await using var bob = await node.RegisterAsync();
        await node.BefriendAsync(ann, bob);

        var meeting = await Task.WhenAll(ann.RendezvousAsync(bob.UserId, cancellationToken: Cancelled), bob.RendezvousAsync(ann.UserId, cancellationToken: Cancelled));
        await using var one = meeting[0];
        await using var other = meeting[1];
        await one.SendAsync("hello", Cancelled);

        await foreach (var item in other.ReceiveAsync(Cancelled))
        {
            Assert.Equal("hello", Assert.IsType<ReceivedMessage>(item).Text);
            break;
        }
    }

    [Fact]
    public async Task The_log_says_who_paired_and_nothing_of_what_they_share()
    {
        await using var ann = await node.RegisterAsync();
        await using var bob = await node.RegisterAsync();
        await node.BefriendAsync(ann, bob);

        await AskForKeyAsync(ann, bob);
        var completed = (await KeyAsync(bob, ann)).Body.GetProperty("data");

        Assert.Contains(node.Lines, line => line.StartsWith($"User {bob.UserId} got the key shared with user {ann.UserId}", StringComparison.Ordinal));
        foreach (var secret in new[] { completed.GetProperty("im_key").GetString()!, completed.GetProperty("im_session").GetString()!, ann.Account.Token, bob.Account.Token })
        {
            Assert.DoesNotContain(node.Lines, line => line.Contains(secret, StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task Contacts_are_listed_in_order_each_once()
    {
        await using var ann = await node.RegisterAsync();
        await node.AddAsync(ann, 900_002);
        await node.AddAsync(ann, 900_001);
        await node.AddAsync(ann, 900_002);

        var (code, body) = await node.CallAsync(ann, HttpMethod.Get, "/im/contacts");

        Assert.Equal(0, code);
        Assert.Equal("""{"user_ids":[900001,900002]}""", body.GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task Who_is_no_longer_a_contact_gets_no_further_key()
    {
        await using var ann = await node.RegisterAsync();
        await using var bob = await node.RegisterAsync();
        await node.BefriendAsync(ann, bob);

        // What the address says counts, whatever the query says beside it.
        Assert.Equal(0, (await node.CallAsync(ann, HttpMethod.Delete, $"/im/contacts/{bob.UserId}?to_user_id=1")).Code);
        Assert.Equal(0, (await node.CallAsync(ann, HttpMethod.Delete, $"/im/contacts/{bob.UserId}")).Code);

        Assert.Equal("""{"user_ids":[]}""", (await node.CallAsync(ann, HttpMethod.Get, "/im/contacts")).Body.GetProperty("data").GetRawText());
        Assert.Equal(Refused, await AskForKeyAsync(bob, ann));
        Assert.Equal((Faulty, "The field is an integer."), Fault(await node.CallAsync(ann, HttpMethod.Delete, "/im/contacts/bob")));
    }

    [Fact]
    public async Task A_full_list_takes_no_more_and_says_so()
    {
        await using var ann = await node.RegisterAsync();
        var list = node.Service<IContactList>();
        for (var i = 0; i < IContactList.Limit; i++)
        {
            Assert.True((await list.AddAsync(Im.Domain.UserId.Of(ann.UserId).Value, Im.Domain.UserId.Of(800_000 + i).Value, Cancelled)).IsOk);
        }

        Assert.Equal(0, (await node.AddAsync(ann, 800_000)).Code);
        Assert.Equal((Faulty, "A user has at most 500 contacts."), Fault(await node.AddAsync(ann, 900_000)));
    }

    [Theory]
    [InlineData(null, "The field is required.")]
    [InlineData(0, "A user id is an integer from 1 to 9007199254740991.")]
    [InlineData("bob", "The field is an integer.")]
    public async Task A_contact_that_is_no_user_is_refused_by_field(object? contact, string sentence)
    {
        await using var ann = await node.RegisterAsync();

        Assert.Equal((Faulty, sentence), Fault(await node.AddAsync(ann, contact)));
    }

    [Fact]
    public async Task Nobody_is_their_own_contact()
    {
        await using var ann = await node.RegisterAsync();

        Assert.Equal((Faulty, "Nobody pairs with themselves."), Fault(await node.AddAsync(ann, ann.UserId)));
    }

    [Fact]
    public async Task Without_a_token_there_are_no_contacts()
    {
        Assert.Equal(Unauthenticated, (await node.AddAsync(null, 1)).Code);
        Assert.Equal(Unauthenticated, (await node.CallAsync(null, HttpMethod.Get, "/im/contacts")).Code);
    }

    [Fact]
    public async Task A_foreign_page_reads_and_changes_no_contacts()
    {
        await using var ann = await node.RegisterAsync();
        using var http = new HttpClient { BaseAddress = node.Address, DefaultRequestHeaders = { { "Origin", "https://evil.example" } } };
        http.DefaultRequestHeaders.Authorization = new("Bearer", ann.Account.Token);

        using var listed = await http.GetAsync("/im/contacts", Cancelled);
        using var added = await http.PostAsJsonAsync("/im/contacts", new { to_user_id = 900_000 }, Cancelled);

        Assert.All([listed, added], answer => Assert.Equal(ForeignPage / 100, (int)answer.StatusCode));
        Assert.Contains($"{ForeignPage}", await added.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        Assert.Equal("""{"user_ids":[]}""", (await node.CallAsync(ann, HttpMethod.Get, "/im/contacts")).Body.GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task The_description_has_the_routes()
    {
        using var http = new HttpClient { BaseAddress = node.Address };

        var document = await http.GetFromJsonAsync<JsonElement>("/openapi/v1.json", Cancelled);

        var route = document.GetProperty("paths").GetProperty("/im/contacts");
        Assert.True(route.TryGetProperty("get", out _));
        var removed = Assert.Single(document.GetProperty("paths").GetProperty("/im/contacts/{to_user_id}").GetProperty("delete").GetProperty("parameters").EnumerateArray());
        Assert.Equal(("to_user_id", "path", true), (removed.GetProperty("name").GetString(), removed.GetProperty("in").GetString(), removed.GetProperty("required").GetBoolean()));
        Assert.Contains("#/components/schemas/ContactRequest", route.GetProperty("post").GetProperty("requestBody").GetRawText(), StringComparison.Ordinal);
        Assert.True(document.GetProperty("components").GetProperty("schemas").GetProperty("ContactRequest").GetProperty("properties").TryGetProperty("to_user_id", out _));
    }

    private static (int Code, string? Sentence) Fault((int Code, JsonElement Body) answer) =>
        (answer.Code, answer.Body.GetProperty("errors").GetProperty("to_user_id")[0].GetString());

    private async Task<int> AskForKeyAsync(ImClient one, ImClient other) => (await KeyAsync(one, other)).Code;

    private Task<(int Code, JsonElement Body)> KeyAsync(ImClient one, ImClient other) =>
        node.CallAsync(one, HttpMethod.Post, "/im/get_imKey", new { to_user_id = other.UserId });
}
