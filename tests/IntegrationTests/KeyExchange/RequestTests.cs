using System.Net;
using System.Net.Http.Json;
using System.Text;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.KeyExchange;

/// <summary>How a call may be written, and every way in which it may be wrong.</summary>
public sealed class RequestTests(GarnetNode fixture) : IClassFixture<GarnetNode>
{
    private readonly (long Ann, long Bob) _pair = Pairs.Fresh();

    private RestClient Rest => fixture.Node.Rest;

    private long Ann => _pair.Ann;

    private long Bob => _pair.Bob;

    [Fact]
    public async Task A_body_may_be_JSON_or_a_form()
    {
        var form = await PostAsync(new FormUrlEncodedContent(Fields(("to_user_id", $"{Bob}"), ("wait_seconds", "0"))));
        var json = await PostAsync(JsonContent.Create(new { to_user_id = Bob, wait_seconds = 0 }));

        Assert.Equal((HttpStatusCode.OK, 0), (form.Status, form.Code));
        Assert.Equal(form.Text("im_key"), json.Text("im_key"));
    }

    [Fact]
    public async Task Unknown_fields_are_ignored() =>
        Assert.Equal(0, (await PostAsync(Json($$"""{"to_user_id":{{Bob}},"nested":{"to_user_id":1},"colour":"red"}"""))).Code);

    [Fact]
    public async Task An_answer_is_an_envelope_and_is_not_kept_by_any_cache()
    {
        var answer = await Rest.ExchangeAsync(Ann, Bob);

        Assert.Equal("success", answer.Body.GetProperty("message").GetString());
        Assert.True(answer.Response.Headers.CacheControl?.NoStore);
    }

    [Theory]
    [InlineData("""{"wait_seconds":31,"public_key":"not base64!"}""")]
    [InlineData("""{"to_user_id":0,"wait_seconds":-1,"public_key":""}""")]
    [InlineData("""{"to_user_id":"ten","wait_seconds":1.5,"public_key":7}""")]
    [InlineData("""{"to_user_id":null,"wait_seconds":"soon","public_key":["AA"]}""")]
    [InlineData("""{"to_user_id":9007199254740992,"wait_seconds":99999999999999999999,"public_key":"A"}""")]
    public async Task All_faulty_fields_are_reported_at_once(string body)
    {
        var refused = await PostAsync(Json(body));

        Assert.Equal((HttpStatusCode.BadRequest, 40000, "failed"), (refused.Status, refused.Code, refused.Body.GetProperty("message").GetString()));
        Assert.Equal(["public_key", "to_user_id", "wait_seconds"], refused.FaultyFields.Order());
    }

    [Fact]
    public async Task All_faulty_fields_of_a_form_are_reported_at_once()
    {
        var refused = await PostAsync(new FormUrlEncodedContent(Fields(("to_user_id", "ten"), ("wait_seconds", "soon"), ("public_key", "A"))));

        Assert.Equal(40000, refused.Code);
        Assert.Equal(["public_key", "to_user_id", "wait_seconds"], refused.FaultyFields.Order());
    }

    [Fact]
    public async Task Nobody_exchanges_keys_with_themselves()
    {
        var refused = await Rest.ExchangeAsync(Ann, Ann);

        Assert.Equal(40000, refused.Code);
        Assert.Equal(["to_user_id"], refused.FaultyFields);
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("{")]
    [InlineData("""{"to_user_id":7,"to_user_id":8}""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("""{"to_user_id":7} trailing""")]
    [InlineData("to_user_id=7")]
    public async Task What_is_no_JSON_object_is_a_malformed_body(string body)
    {
        var refused = await PostAsync(Json(body));

        Assert.Equal((HttpStatusCode.BadRequest, 40001), (refused.Status, refused.Code));
    }

    [Fact]
    public async Task Without_any_body_the_required_field_is_missing()
    {
        var refused = await PostAsync(Json(""));

        Assert.Equal(40000, refused.Code);
        Assert.Equal(["to_user_id"], refused.FaultyFields);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task A_body_over_16_KiB_is_too_large(string type)
    {
        var refused = await PostAsync(new StringContent($$"""{"to_user_id":{{Bob}},"public_key":"{{new string('A', 17_000)}}"}""", Encoding.UTF8, type));

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, 41300), (refused.Status, refused.Code));
    }

    [Fact]
    public async Task A_body_of_another_kind_is_not_supported()
    {
        var refused = await PostAsync(new StringContent($"to_user_id: {Bob}", Encoding.UTF8, "text/plain"));

        Assert.Equal((HttpStatusCode.UnsupportedMediaType, 41500), (refused.Status, refused.Code));
    }

    [Fact]
    public async Task Another_method_is_not_allowed()
    {
        var refused = await Rest.SendAsync(HttpMethod.Get, "/im/get_imKey", Ann);

        Assert.Equal((HttpStatusCode.MethodNotAllowed, 40500), (refused.Status, refused.Code));
    }

    [Fact]
    public async Task Another_path_is_not_found()
    {
        var refused = await Rest.SendAsync(HttpMethod.Get, "/im/nothing", Ann);

        Assert.Equal((HttpStatusCode.NotFound, 40400), (refused.Status, refused.Code));
    }

    private static StringContent Json(string body) => new StringContent(body, Encoding.UTF8, "application/json");

    private static IEnumerable<KeyValuePair<string, string>> Fields(params (string Name, string Value)[] fields) =>
        fields.Select(field => KeyValuePair.Create(field.Name, field.Value));

    private Task<Answer> PostAsync(HttpContent content) => Rest.SendAsync(HttpMethod.Post, "/im/get_imKey", Ann, content);
}
