<?php
// Installs the site without a browser, and prints its people with an application password of each.
$db = new mysqli('localhost', 'root', '', '', 0, getenv('HERALD_DB_SOCKET'));
$db->query('CREATE DATABASE wordpress');

define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = parse_url(getenv('HERALD_SITE'), PHP_URL_HOST);
require getenv('HERALD_ROOT') . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
// Nobody is written to.
add_filter('pre_wp_mail', '__return_true');
wp_install('Harbour Coffee & Friends', 'owner', 'owner@example.com', true, '', wp_generate_password());
update_option('permalink_structure', '/%year%/%monthnum%/%postname%/');
flush_rewrite_rules();

$people = [];
foreach (['owner' => 'administrator', 'ada' => 'author', 'cleo' => 'contributor'] as $login => $role) {
    $id = username_exists($login) ?: wp_insert_user([
        'user_login' => $login, 'user_pass' => wp_generate_password(), 'user_email' => "$login@example.com",
        'role' => $role, 'display_name' => ucfirst($login) . ' Demo',
    ]);
    [$password] = WP_Application_Passwords::create_new_application_password($id, ['name' => 'Herald']);
    $people[$login] = ['id' => (string) $id, 'password' => WP_Application_Passwords::chunk_password($password)];
}
echo json_encode(['version' => get_bloginfo('version'), 'people' => $people]);
