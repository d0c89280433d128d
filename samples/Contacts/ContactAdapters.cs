using Im.Infrastructure.Extending;
using Microsoft.Extensions.DependencyInjection;

namespace Contacts;

/// <summary>What the contacts stand on here.</summary>
internal sealed class ContactAdapters : IAdapterModule
{
    public void Add(IServiceCollection services)
    {
        services.AddOptions<ContactsOptions>().BindConfiguration("Contacts").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<SqliteContactList>();
        services.AddSingleton<IContactList>(provider => provider.GetRequiredService<SqliteContactList>());
        services.AddHostedService(provider => provider.GetRequiredService<SqliteContactList>());
    }
}
